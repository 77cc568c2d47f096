class User(TypedDict):
    issues: NotRequired[list[Issue]]

class Issue(TypedDict):
    author: NotRequired[User]

def get_issue() -> Issue: ...

def get_user() -> User: ...
