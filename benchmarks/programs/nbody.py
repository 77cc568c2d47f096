# Floats in lists: the n-body problem.
bodies = [
    [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 39.47841760435743],
    [4.84143144246472090, -1.16032004402742839, -0.103622044471123109, 0.606326392995832, 2.81198684491626, -0.02521836165988763, 0.03769367487038949],
    [8.34336671824457987, 4.12479856412430479, -0.403523417114321381, -1.01077434617879, 1.82566237123041, 0.00841576137658415, 0.011286326131968767],
    [12.8943695621391310, -15.1111514016986312, -0.223307578892655734, 1.08279100644154, 0.868713018169608, -0.0108326374013636, 0.0017237240570597112],
    [15.3796971148509165, -25.9193146099879641, 0.179258772950371181, 0.979090732243898, 0.594698998647676, -0.0347559555078104, 0.0020336868699246304],
]


def advance(bodies, dt):
    count = len(bodies)
    for i in range(count):
        one = bodies[i]
        for j in range(i + 1, count):
            two = bodies[j]
            dx = one[0] - two[0]
            dy = one[1] - two[1]
            dz = one[2] - two[2]
            squared = dx * dx + dy * dy + dz * dz
            magnitude = dt / (squared * squared**0.5)
            one[3] -= dx * two[6] * magnitude
            one[4] -= dy * two[6] * magnitude
            one[5] -= dz * two[6] * magnitude
            two[3] += dx * one[6] * magnitude
            two[4] += dy * one[6] * magnitude
            two[5] += dz * one[6] * magnitude
    for body in bodies:
        body[0] += dt * body[3]
        body[1] += dt * body[4]
        body[2] += dt * body[5]


for _ in range(2_000):
    advance(bodies, 0.01)
round(bodies[0][0] * 1_000_000)
