"""Draws faces from a random seed, with attributes named as in CelebA.

A point of a drawing is a complex number: x counts from the middle of the face, y from the top, both in CelebA's pixels.
"""

from typing import Any

import numpy as np

SIZE = (218, 178)
_HAIR = {"Black_Hair": (40, 33, 32), "Brown_Hair": (104, 67, 42), "Blond_Hair": (198, 154, 100), "Gray_Hair": (170, 168, 166)}
_SKIN = ((250, 222, 204), (240, 198, 170), (224, 172, 134), (196, 136, 98), (152, 100, 70), (112, 72, 52))
_IRIS = np.array([(84, 54, 32), (104, 78, 40), (88, 110, 70), (74, 108, 146), (100, 118, 126)])
_WHITE, _DARK = np.array((255, 253, 246)), np.array((34, 24, 22))


def paint(has: dict[str, bool], seed: int, number: int, size: tuple[int, int] = SIZE) -> Any:
    """Draw a face with given attributes; a change of an attribute leaves what it does not concern as it is.

    has (dict): whether the face has each of `faces.ATTRIBUTES`.
    seed (int): random seed.
    number (int): number of the face.
    size (tuple): height and width.
    RETURNS (ndarray): (height, width, 3) uint8, RGB.
    """
    rngs = np.random.default_rng((seed, number, 1)).spawn(11)
    face = _Face(has, size, rngs[0])
    parts = (_ground, _body, _head, _mouth, _eyes, _brows, _beard, _hair, _glasses, _hat)
    for part, rng in zip(parts, rngs[1:], strict=True):
        face.rng = rng
        part(face)
    return _lit(face)


class _Face:
    """The traits of a face, and a canvas of twice the picture's resolution, whose fourth channel is relief for the light.

    has (dict): whether the face has each of `faces.ATTRIBUTES`.
    size (tuple): height and width of the picture.
    rng (Generator): NumPy's random generator, for the traits.
    """

    canvas: Any

    def __init__(self, has: dict[str, bool], size: tuple[int, int], rng: Any):
        import cv2

        self.cv2, self.has, self.size, self.rng, self.unit = cv2, has, size, rng, 2 * size[0] / 218
        u = self.u = rng.random(24).tolist()
        colour = next((colour for name, colour in _HAIR.items() if has[name]), (134, 70, 44))
        fair = colour[0] > 110 and not has["Gray_Hair"]
        self.tone = 0.06 * u[0] if has["Pale_Skin"] else 0.18 + (0.32 * u[0] if fair else 0.82 * u[0] ** 1.3)
        self.skin = np.array([np.interp(self.tone * 5, range(6), shades) for shades in zip(*_SKIN, strict=True)])
        self.hair = np.array(colour) * (0.88 + 0.24 * u[1]) + 10 * np.array(u[2:5]) - 5
        self.turn = 8 * u[6] - 4
        self.middle = 109 * size[1] / size[0] - self.turn / 2
        self.wide, self.top, self.chin = 45 + 4 * u[7] + 2 * has["Male"], 45 + 6 * u[8], 176 + 6 * u[9] + 2 * has["Male"]
        self.long = 0.0 if has["Bald"] or (has["Male"] and u[10] < 0.92) else 0.2 + 0.8 * u[11]
        self.smile = 0.65 + 0.35 * u[12] if has["Smiling"] else 0.25 * u[12] - 0.15
        self.nose = (1.3 if has["Big_Nose"] else 0.92) + 0.08 * u[13]
        light = np.array((1.5 * u[14] - 0.75, 0.4 * u[15] - 0.55, 1), "f4")
        self.light = light / np.sqrt(light @ light)

    def fill(self, shapes: Any, colour: Any, relief: int = 255, alpha: float = 1) -> None:
        """Fill one shape (n) or several (m, n); with alpha below 1, what is below it stays visible."""
        fixed = self._fixed(shapes)
        x, y, w, h = self.cv2.boundingRect(fixed.reshape(-1, 2) >> 4)
        x, y = max(x - 1, 0), max(y - 1, 0)
        under = self.canvas[y : y + h + 2, x : x + w + 2]
        over = under.copy() if alpha < 1 else under
        self.cv2.fillPoly(over, list(fixed - (16 * x, 16 * y)), (*map(float, colour), relief), self.cv2.LINE_AA, 4)
        self.cv2.addWeighted(over, alpha, under, 1 - alpha, 0, under)

    def lines(self, curves: Any, colour: Any, relief: int = 255, width: float = 0, spread: float = 0) -> None:
        """Draw one curve or several, as thin as possible or with a width; with `spread`, in locks of six shades."""
        fixed, thick, kind = self._fixed(curves), max(1, round(width * self.unit)), self.cv2.LINE_AA if width else 8
        lock = np.arange(len(fixed)) // 4 * 7 % (6 if spread else 1)
        for k in range(lock.max() + 1):
            ink = (1 + spread * (k / 2.5 - 1)) * np.asarray(colour)
            self.cv2.polylines(self.canvas, list(fixed[lock == k]), False, (*ink.tolist(), relief), thick, kind, 4)

    def strands(self, curves: Any, colour: Any, relief: int = 170) -> None:
        """Draw hair; waves become stronger towards its tips."""
        m, n = curves.shape
        t, wave = np.linspace(0, 1, n, dtype="f4"), 2.8 if self.has["Wavy_Hair"] else 0.2 if self.has["Straight_Hair"] else 0.8
        phase = t * (9 + 6 * self.u[17]) + self.rng.normal(6 * self.u[16], 0.5, (m, 1)).astype("f4")
        self.lines(curves + wave * t * (np.sin(phase) + 0.5j * np.cos(phase)), colour, relief, 0, 0.4)

    def edge(self, angle: Any) -> Any:
        """The head's edge at an angle from its top."""
        x, y = np.sin(angle), -np.cos(angle)
        taper = (0.16 if self.has["Male"] else 0.27) + 0.1 * self.u[18] - 0.05
        high = np.where(y > 0, self.chin - 113, 113 - self.top)
        return self.wide * x * (1 - taper * y.clip(0) ** 1.6) + 1j * (113 + y * high)

    def turned(self, z: Any) -> Any:
        """How far a point moves when the head turns: the nose most, the edge not at all."""
        return self.turn * np.exp(-((z.real / 24) ** 2) - ((z.imag - 135) / 36) ** 2)

    def _fixed(self, points: Any) -> Any:
        """Points on the canvas, in sixteenths of its pixels."""
        z = np.atleast_2d(np.asarray(points, "c8"))
        z = (z + self.middle + self.turned(z)) * (16 * self.unit)
        return z.view("f4").reshape(*z.shape, 2).astype(np.int32)


def _both(shapes: Any) -> Any:
    """The shapes and their mirror images."""
    return np.concatenate([np.atleast_2d(shapes), -np.atleast_2d(shapes).conj()])


def _band(x: Any, top: Any, bottom: Any) -> Any:
    """The shape between two curves over the same x."""
    return np.concatenate([x + 1j * top, (x + 1j * bottom)[::-1]])


def _bend(a: Any, b: Any, c: Any, n: int = 10) -> Any:
    """Curves of n points from a to c, pulled towards b."""
    a, b, c = (np.asarray(point, "c8")[..., None] for point in (a, b, c))
    t = np.arange(n, dtype="f4") / (n - 1)
    return (1 - t) ** 2 * a + 2 * t * (1 - t) * b + t**2 * c


def _oval(centre: Any, rx: float, ry: float, power: float = 1) -> Any:
    s, c = np.sin(angle := np.arange(25) * (np.pi / 12)), -np.cos(angle)
    return np.asarray(centre)[..., None] + rx * np.sign(s) * abs(s) ** power + 1j * ry * np.sign(c) * abs(c) ** power


def _ground(f: _Face) -> None:
    rng, cv2, kind = f.rng, f.cv2, f.rng.integers(3)
    grid = ((5, 4), (218, 5), (4, 178), (60, 50), (14, 12))[rng.integers(5)]  # clouds, brushed, a curtain, rough, mottled
    a, b = rng.uniform(30, 225, (2, 1)) + rng.uniform(-30, 30, (2, 3))
    ramp, noise = np.array(((0.5, 1), (0, 0.5)), "f4")[:, :: rng.choice((-1, 1))], rng.standard_normal(grid, "f4")
    ramp, noise = (cv2.resize(small, (178, 218), interpolation=cv2.INTER_CUBIC) for small in (ramp, noise))
    ramp += rng.uniform(0.02, 0.14) * noise
    ends = zip((*a, 0), (*b, 0), strict=True)  # the background has no relief
    ground = cv2.merge([(start + (end - start) * ramp).clip(0, 255).astype(np.uint8) for start, end in ends])
    if kind == 1:  # lights out of focus
        for x, y, r, *colour in rng.uniform((0, 0, 4, 60, 60, 40), (178, 218, 16, 255, 240, 220), (24, 6)):
            cv2.circle(ground, (int(x), int(y)), int(r), colour, -1)
        ground = cv2.GaussianBlur(ground, (0, 0), 2.5)
    if kind == 2:  # bricks
        for y in range(0, 218, 14):
            row = [np.array([(x, y), (x + 28, y), (x + 28, y + 14)]) for x in range(y % 28 - 28, 178, 28)]
            cv2.polylines(ground, row, False, b)
    f.canvas = cv2.resize(ground, (2 * f.size[1], 2 * f.size[0]), interpolation=cv2.INTER_LINEAR)


def _body(f: _Face) -> None:
    rng, tie, wide = f.rng, f.has["Wearing_Necktie"], f.wide * (0.6 if f.has["Male"] else 0.48)
    cloth, trim = rng.uniform(20, 170, (2, 3)) + rng.uniform(0, 70, (2, 1))
    pattern, low, silk, shirt = rng.integers(4), rng.uniform(200, 214), rng.uniform(20, 200, 3), rng.uniform(196, 236, 3)
    if f.long:  # behind the neck
        end, out, s = 140 + 80 * f.long, f.wide + 7 + 7 * f.long, np.linspace(-1, 1, 240)
        falls = _bend(s * f.wide * 0.8 + 70j, s * (out + 6) + 110j, s * out + 1j * rng.normal(end, 5, 240), 13)
        f.fill([*falls[0], *falls[-1, ::-1]], f.hair * 0.5, 90)
        f.strands(falls, f.hair * 0.6, 90)
    cloth, pattern, x = cloth * (0.3 if tie else 1) + 8, 3 if tie else pattern, np.linspace(-110, 110, 110)
    shoulder = 195 + 24 * np.clip((abs(x) - 28) / 90, 0, 1) ** 1.4
    rows = x + 1j * (shoulder + np.arange(0, 40, (2, 5, 3, 1.5)[pattern])[:, None])
    f.fill(_band(x, shoulder, 240), cloth, 70)
    f.lines(rows[:, ::3], trim if pattern < 2 else cloth * 0.8, 70, (0.5, 1.6, 0, 0)[pattern])
    f.lines(np.stack([rows[0], 1.1 * x + 240j], 1)[:: (1, 6, 3, 1)[pattern]], cloth * 0.9, 70, 0, 0.2)
    f.fill([-wide + 150j, wide + 150j, *_bend(wide + 6 + 198j, 1j * (2 * low - 198), -wide - 6 + 198j)], f.skin * 0.88, 170)
    for drop in (8, 15, 22, 30):  # the chin's shadow
        f.fill(_bend(-wide - 0.5 + 160j, 1j * (f.chin + drop), wide + 0.5 + 160j), f.skin * (0.5, 0.46, 0.46), 170, 0.2)
    if tie:
        f.fill([-wide - 4 + 196j, 207j, wide + 4 + 196j, 14 + 240j, -14 + 240j], shirt, 90)
        f.fill([-5 + 203j, 5 + 203j, 4 + 211j, 9 + 240j, -9 + 240j, -4 + 211j], silk, 90)
        f.lines([[-4 + 3j + 1j * y, 4 + 1j * y] for y in range(204, 230, 4)], silk * 0.4 + 130, 90, 0.8)
        collar = _both([1 + 203j, wide + 187j, wide + 6 + 199j, 13 + 216j, 1 + 203j])
        f.fill(collar, shirt * 0.96, 100)
        f.lines(collar[:, 2:], shirt * 0.6, 90, 0.5)


def _head(f: _Face) -> None:
    n, aged = f.nose, not f.has["Young"]
    f.fill(_both(_oval(f.wide - 1 + 120j, 6.5, 14)), f.skin * 0.95, 220)
    f.lines(_both(_bend(f.wide + 1 + 110j, f.wide + 6 + 112j, f.wide + 1 + 128j)), f.skin * 0.72, 220, 1)
    f.fill(f.edge(np.linspace(0, 2 * np.pi, 72)), f.skin)
    if f.has["Rosy_Cheeks"]:
        for r in range(15, 3, -2):
            f.fill(_both(_oval(27 + 134j, r, r * 0.9)), f.skin * (0.95, 0.5, 0.55) + (20, 0, 5), 255, 0.1)
    if f.tone < 0.4 and f.u[19] > 0.6:  # freckles
        f.fill(_oval(f.rng.normal(0, 17, 60) + 1j * f.rng.normal(127, 7, 60), 0.5, 0.5), f.skin * (0.84, 0.74, 0.66), 255, 0.7)
    folds = [_bend(9.5 * n + 136j, 9.5 * n + 6 + 141j, 22 + 154j)] if aged or f.smile > 0.5 else []
    if aged:
        folds += [_bend(1j * y, 12 + 1j * y - 2j, 24 + 1j * y + 1j) for y in (80, 86, 92)]
        folds += [_bend(32 + 112j + 0.3j * y, 36 + 112j + 1j * y, 41 + 112j + 1.8j * y) for y in (-4, 0, 4)]
    if folds:
        f.lines(_both(folds), f.skin * 0.93, 255, 1.5)
        f.lines(_both(folds), f.skin * 0.82, 255, 0.5)
    f.fill(_both(_oval(4.6 * n + 138.6j, 2.4 * n, 1.3)), f.skin * (0.42, 0.34, 0.34), 170)
    f.lines(_both(_bend(7.4 * n + 132j, 10.6 * n + 137j, 7 * n + 140j)), f.skin * 0.74, 240, 0.8)


def _mouth(f: _Face) -> None:
    paint, gap = f.rng.uniform((160, 5, 35), (225, 45, 95)), (3.5 + 3.5 * f.rng.random()) * f.has["Mouth_Slightly_Open"]
    lip = paint if f.has["Wearing_Lipstick"] else f.skin * (0.86, 0.67, 0.65) + (12, 2, 4)
    corner, full, u = 153.5 - 4.5 * f.smile, 1.35 if f.has["Big_Lips"] else 0.9, np.linspace(-1, 1, 33)
    x, middle, bow = (14.5 + 4 * f.smile) * u, 152.5 + f.smile - 0.3 * gap - corner, np.exp(-((u / 0.16) ** 2))
    top = corner + (middle - 4.6 * full) * (1 - abs(u) ** 1.5) + 1.2 * bow
    seam = corner + middle * (1 - u**2) + 0.5 * bow
    lower = seam + gap * (1 - u**2)
    bottom = corner + (middle + gap + 6 * full) * (1 - abs(u) ** 2.4)
    f.fill(_band(x, top, seam), lip * 0.88, 230)
    f.fill(_band(x, lower, bottom), lip, 240)
    f.lines(np.stack([x + 1j * lower + 0.5j, x + 1j * bottom - 0.7j], 1)[3:-3], lip * 0.92, 240, 0, 0.1)
    f.fill(_oval(3 * f.light[0] + 1j * bottom[16] - 2.8j * full, 3.5, 0.8), _WHITE, 200, 0.3)
    if gap:
        teeth = seam + (lower - seam) * (0.35 + 0.35 * max(f.smile, 0))
        f.fill(_band(x, seam, lower), (66, 24, 28), 60)
        f.fill(_band(x, seam, teeth)[4:-4], (236, 230, 220), 110)
        f.lines(np.stack([x + 1j * seam, x + 1j * teeth], 1)[5:-5:3], (186, 174, 166), 110)
    f.lines(x + 1j * seam, lip * 0.42, 180, 0.5 if gap else 1)


def _eyes(f: _Face) -> None:
    made_up, narrow, u = f.has["Heavy_Makeup"], f.has["Narrow_Eyes"], np.linspace(-1, 1, 21)
    shadow, gaze, iris = f.rng.uniform(50, 170, 3), f.rng.uniform(-1.2, 1.2), _IRIS[f.rng.integers(5) * (f.tone < 0.55)]
    x, tilt, arc = 19.7 + 10 * u, 112 - 1.1 * u, 1 - u**2
    upper = tilt - (2.7 if narrow else 5 + 0.6 * f.u[20]) * arc**0.75
    lower = tilt + ((1.8 if narrow else 3.4) - 0.9 * f.smile) * arc
    lid, eyelid = upper - 1.2 - 2.4 * arc - 2 * made_up * arc, f.skin * (0.88, 0.82, 0.8)
    f.fill(_both(_band(x, lid, upper)), (eyelid + shadow) / 2 if made_up else eyelid, 230)
    f.lines(_both(x + 1j * lid), f.skin * 0.64, 220, 0.6)
    f.fill(_both(_band(x, upper, lower)), (232, 227, 222), 120)
    f.fill(_both(_band(x, upper, np.minimum(upper + 1.5, lower))), (168, 154, 150), 120)

    def discs(r: float, shift: complex = 0) -> Any:
        """A disc in each eye, cut off at the lids."""
        z = _oval(np.array((-19.7, 19.7)) + gaze + 111j + shift, r, r)
        return z.real + 1j * np.clip(z.imag, np.interp(abs(z.real), x, upper), np.interp(abs(z.real), x, lower))

    for r, colour in ((5.1, iris * 0.4), (4.4, iris), (2, _DARK * 0.4)):
        f.fill(discs(r), colour, 60)
    f.lines(np.stack([discs(2), discs(4.3)], 2).reshape(-1, 2), iris * 1.1, 60, 0, 0.4)
    f.fill(discs(1.1, 1.6 * np.sign(f.light[0]) - 1.6j), _WHITE, 0)
    f.lines(_both(x + 1j * upper), _DARK, 150, 1.3 if made_up else 0.9)
    f.lines(_both(x + 1j * lower), f.skin * (0.68, 0.56, 0.54), 220, 0.5)
    root, reach = (x + 1j * upper)[2:], 3.4j if made_up else 1.2j if f.has["Male"] else 2.2j
    lash = 0.28 * (root.real - 19.7) + 0.6 - reach
    f.lines(_both(_bend(root, root + lash / 2 + 0.5 + 0.5j, root + lash, 4)), _DARK, 180)


def _brows(f: _Face) -> None:
    m, thick = (320, 3) if f.has["Bushy_Eyebrows"] else (200, 1.5)
    u, side, arch = np.sort(f.rng.random(m)), np.resize((-1, 1), m), 5.5 if f.has["Arched_Eyebrows"] else 2.2
    y = 100.5 - arch * np.sin(np.pi * u**1.2) + 1.5 * u + f.rng.uniform(-thick, thick, m) * (1 - 0.7 * u)
    root, tip = side * (7.5 + 24 * u) + 1j * y, side * (9.5 + 26.5 * u) + 1j * (y - 2.4 + 3.4 * u)
    f.lines(_bend(root, (root + tip) / 2 - 0.5j, tip, 4), 0.62 * f.hair + 0.08 * f.skin, 225, 0, 0.35)


def _beard(f: _Face) -> None:
    has, rng, colour = f.has, f.rng, 0.55 * f.hair + 0.07 * f.skin

    def hairs(root: Any, reach: float, colour: Any, apart: float = 0.02) -> None:
        stray = 0.1 * reach * (rng.standard_normal((2, len(root))) + 1j * rng.standard_normal((2, len(root))))
        tip = root + reach * (1j + apart * root.real) + stray[0]
        f.lines(_bend(root, (root + tip) / 2 + stray[1], tip, 5), colour, 215, 0, 0.4)

    if not has["No_Beard"] and not has["Goatee"]:
        z = 113j + (f.edge(np.pi + rng.uniform(-1.45, 1.45, 2600)) - 113j) * np.sqrt(rng.uniform(0.28, 1, 2600))
        lips = (z.real / (17 + 3 * f.smile)) ** 2 + ((z.imag - 153) / 9.5) ** 2 < 1
        z, stubble = z[~lips & ((z.imag > 142) | (abs(z.real) > 30))], has["5_o_Clock_Shadow"]
        hairs(z, 0.7 if stubble else 4.5, f.skin * 0.6 + 0.25 * colour if stubble else colour)
    if has["Goatee"]:
        hairs(rng.normal(0, 6, 500) + 1j * rng.uniform(161, f.chin + 1, 500), 5, colour)
    if has["Mustache"]:
        x = np.sort(rng.uniform(-13, 13, 420))
        hairs(x + 1j * (143.5 + 0.27 * abs(x) + rng.uniform(-1.2, 2.5, 420)), 3.6, colour, 0.16)


def _hair(f: _Face) -> None:
    has, rng, m, wide, long = f.has, f.rng, 520, f.wide, f.long
    d, side, stray = np.sort(rng.random(m)), np.resize((-1, 1), m), rng.standard_normal(m) + 1j * rng.standard_normal(m)
    brushed, roof = f.u[23] < 0.5 and not long, f.top - 3 - 7 * f.u[22]
    part, line = 0 if brushed else 26 * f.u[21] - 13, f.top + (12 if has["Receding_Hairline"] else 21) + 5 * f.u[20]
    if not has["Bald"]:
        top, temple = part + 1j * roof, side * (wide + 5 - 8 * d) + 104j + 3 * stray * (not long)
        ends = ((roof, roof, 8, 4), (line - 8, line + 2, -10, -3))
        outer, inner = (
            np.stack([_bend(part + 1j * a, k * (wide + out) + 1j * b, k * (wide + foot) + 106j, m // 2) for k in (-1, 1)])
            for a, b, out, foot in ends
        )
        f.fill(np.concatenate([outer, inner[:, ::-1]], 1), f.hair * 0.7, 170)
        a, b = top + 1j * d * (line - roof - 10) + stray, side * (wide + 9 - 20 * d) + 1j * (roof + d * (line + 8 - roof))
        falls = _bend(a, b, temple)
        if brushed:  # up from the forehead, instead of from the parting to the temples
            z = rng.permutation(m)
            inner, outer = inner.ravel()[z], outer.ravel()[z] + 2 * stray
            falls = _bend(inner, (inner + outer) / 2 - 4j, outer)
        elif long:
            b, c = side * (wide + 7 - 9 * d + 7 * long) + 1j * (117 + 35 * long), side * (wide + 4 + 12 * long - 14 * d)
            falls = np.concatenate([falls, _bend(temple, b, c + 1j * (150 + 70 * long) + 4 * stray)[:, 1:]], 1)
        f.strands(falls, f.hair)
    if has["Bangs"]:
        s = np.linspace(-1, 1, m)
        c = s * (wide - 5) + 1j * (97 + 4 * s**2) + 1.6 * stray
        fringe = _bend(part + s * 16 + 1j * (roof + 10 + 8 * d), s * 36 + 1j * (line - 9), c)
        f.fill([*fringe[0], *fringe[::20, 8], *fringe[-1, ::-1]], f.hair * 0.7, 170)
        f.strands(fringe, f.hair)
    if has["Wearing_Earrings"]:
        gold, ring = (226, 186, 92) if f.u[5] > 0.5 else (206, 210, 216), _both(_oval(wide + 2.5 + 138j, 3.6, 5.2))
        f.lines(ring, gold, 0, 1.3)
        f.lines(ring[:, 4:9], _WHITE, 0, 0.6)


def _glasses(f: _Face) -> None:
    frame, power, (width, high) = f.rng.uniform(10, 110, 3), f.rng.uniform(0.55, 1), f.rng.uniform((1, 10.5), (2.2, 13.5))
    if f.has["Eyeglasses"]:
        lens = _both(_oval(20 + 113.5j, 15.5, high, power))
        f.fill(lens, (200, 214, 226), 160, 0.12)
        f.lines(lens + 0.5 + 1.6j, f.skin * 0.66, 230, 0.8)
        f.lines([[x + 118j, x + 6 + 106j] for x in (-28, -25, 12, 15)], _WHITE, 100)
        for shape in (lens, _both(_bend(35 + 110j, 40 + 108j, f.wide + 1 + 108j)), _bend(-5 + 111j, 106.5j, 5 + 111j)):
            f.lines(shape, frame, 20, width)


def _hat(f: _Face) -> None:
    (felt, band), brimmed = f.rng.uniform(25, 190, (2, 3)), f.rng.random() < 0.5
    if f.has["Wearing_Hat"]:
        s, wide, high = np.linspace(-1, 1, 72), f.wide + 6, 1j * (f.top - 14)
        foot = s * wide + 80j - 6j * (1 - s**2)
        rim, side = foot - (8j if brimmed else 17j), _bend(10 + high, wide + 2 + high, wide + 80j)
        f.fill([*-side[::-1].conj(), *side, *foot[::-1]], felt, 150)
        f.lines(_bend(foot, s * wide + 28j + high / 2, s * 14 + high), felt, 150, 0, 0.2)
        f.fill([*foot, *rim[::-1]], band, 150)
        f.lines(np.stack([foot, rim], 1), band, 150, 0.8, 0.14)
        if brimmed:
            back, front = (_bend(-wide - 26 + 83j, y, wide + 26 + 83j, 20) for y in (62j, 89j))
            f.fill([*back, *front[::-1]], felt * 0.85, 110)
            f.lines(back, felt * 1.15, 110, 0.7)


def _lit(f: _Face) -> Any:
    """Light the drawing: the head is an ellipsoid with bumps, whose slopes turn its normals; nearby parts cast shadows."""
    cv2, (h, w), n, smile = f.cv2, f.size, f.nose, max(f.smile, 0)
    picture = cv2.resize(f.canvas, (w, h), interpolation=cv2.INTER_AREA)
    *colour, relief = (channel.astype("f4") for channel in cv2.split(picture))
    relief /= 255
    x, y = ((np.arange(side, dtype="f4") + 0.5) * (218 / h) for side in (w, h))
    x -= f.middle
    twice = [(8 * n, 136, 3.6 * n, 3.6, 2.2), (19, 110, 11, 7, -3.4), (19, 101, 13, 4, 1.6), (40, 92, 6, 13, -2)]
    twice += [(27, 131 - 3 * smile, 11, 9, 3 + 2.5 * smile), (27, 152, 8, 10, -1.8 if f.has["Young"] else -3.3)]
    once = [(0, 121, 3.6 * n, 12, 3.2), (0, 134, 5.4 * n, 5, 4.4), (0, 143.5, 7, 2.4, -1.4), (0, 157, 8, 3, 1.3)]
    once += [(0, 163, 9, 2.6, -1.3), (0, f.chin - 8, 9, 6, 2.6), (0, 82, 26, 14, 3), (0, 146, 1.6, 3, -0.5)]
    x0, y0, sx, sy, high = np.array([*once, *twice, *((-bump[0], *bump[1:]) for bump in twice)], "f4").T[..., None]
    x0 = x0 + f.turned(x0 + 1j * y0)
    across, down = np.exp(-(((x - x0) / sx) ** 2) / 2), high * np.exp(-(((y - y0) / sy) ** 2) / 2)
    pores = 0.16 * cv2.GaussianBlur(f.rng.random((h, w), "f4") - 0.5, (0, 0), 0.6)
    nx, ny = 0.85 * np.clip(x / (f.wide + 3), -1, 1), 0.8 * np.clip((y - 113) / 68, -1, 1)[:, None]
    nz = np.sqrt(np.maximum(1.06 - nx**2 - ny**2, 0.05))
    nx = nx + down.T @ (across * (x - x0) / sx**2) + pores
    ny = ny + (down * (y - y0) / sy**2).T @ across + pores
    length, half = np.sqrt(nx * nx + ny * ny + nz * nz), f.light + np.array((0, 0, 1), "f4")
    half /= np.sqrt(half @ half)
    lambert, shine = (np.maximum(nx * to[0] + ny * to[1] + nz * to[2], 0) / length for to in (f.light, half))
    shine = 28 * relief * relief * np.square(np.square(np.square(shine * shine)))
    dark = relief * (0.66 - 0.78 * lambert + 0.35 * (1 - cv2.blur(relief, (11, 11))))
    for k, warm in enumerate((0.92, 1, 1.04)):
        gain = (0.93 + 0.2 * f.u[10]) * (0.97 + 0.07 * f.u[k])
        colour[k] = np.clip((colour[k] * (1 - warm * dark) + shine) * gain, 0, 255).astype(np.uint8)
    return cv2.merge(colour)
