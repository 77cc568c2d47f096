point.secret
