"""Drawings to learn from, drawn by ourselves: outlines, hatching, flat fills, letters and charts on paper or on colour."""

import numpy as np

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789&?!%"
_FINER = 2  # how many times larger it is drawn than it becomes


def draw(side: int, rng: np.random.Generator) -> np.ndarray:
    """Draw something.

    side (int): of the picture, in pixels.
    rng (np.random.Generator): everything random is drawn from it.
    RETURNS (np.ndarray): (side, side, 3), RGB, uint8.
    """
    import cv2

    large = side * _FINER
    paper = (255, 255, 255) if rng.random() < 0.6 else _colour(rng)
    canvas = np.full((large, large, 3), paper, np.uint8)
    for _ in range(int(rng.integers(1, 7))):
        _SHAPES[int(rng.integers(len(_SHAPES)))](canvas, rng)
    return cv2.resize(canvas, (side, side), interpolation=cv2.INTER_AREA)


def _fill(canvas: np.ndarray, rng: np.random.Generator) -> None:
    import cv2

    corners = rng.integers(0, canvas.shape[0], (int(rng.integers(3, 7)), 2)).astype(np.int32)
    cv2.fillPoly(canvas, [corners], _colour(rng), cv2.LINE_AA)


def _outline(canvas: np.ndarray, rng: np.random.Generator) -> None:
    import cv2

    points = rng.integers(0, canvas.shape[0], (int(rng.integers(2, 6)), 2)).astype(np.int32)
    cv2.polylines(canvas, [points], bool(rng.random() < 0.5), _ink(rng), int(rng.integers(1, 9)), cv2.LINE_AA)


def _ellipse(canvas: np.ndarray, rng: np.random.Generator) -> None:
    import cv2

    centre, axes = (rng.integers(low, canvas.shape[0], 2).tolist() for low in (0, 2))
    thickness = -1 if rng.random() < 0.4 else int(rng.integers(1, 7))
    cv2.ellipse(canvas, centre, axes, float(rng.uniform(0, 180)), 0, 360, _ink(rng), thickness, cv2.LINE_AA)


def _hatching(canvas: np.ndarray, rng: np.random.Generator) -> None:
    """Parallel lines within a rectangle."""
    import cv2

    side, ink = canvas.shape[0], _ink(rng)
    top, left = (int(rng.integers(0, side // 2)) for _ in range(2))
    part = np.ascontiguousarray(canvas[top : top + side // 2, left : left + side // 2])
    step, slope, thickness = int(rng.integers(4, 16)), int(rng.integers(-side, side)), int(rng.integers(1, 4))
    for start in range(-side, 2 * side, step):
        cv2.line(part, (start, 0), (start + slope, side // 2), ink, thickness, cv2.LINE_AA)
    canvas[top : top + side // 2, left : left + side // 2] = part


def _text(canvas: np.ndarray, rng: np.random.Generator) -> None:
    import cv2

    fonts = (cv2.FONT_HERSHEY_SIMPLEX, cv2.FONT_HERSHEY_DUPLEX, cv2.FONT_HERSHEY_TRIPLEX, cv2.FONT_HERSHEY_SCRIPT_SIMPLEX)
    font, size, ink = fonts[int(rng.integers(len(fonts)))], float(rng.uniform(0.5, 2)), _ink(rng)
    for line in range(int(rng.integers(1, 5))):
        letters = "".join(rng.choice(list(_LETTERS), int(rng.integers(2, 14))))
        place = (int(rng.integers(-20, canvas.shape[0] // 2)), round(34 * size) * (line + 1))
        cv2.putText(canvas, letters, place, font, size, ink, int(rng.integers(1, 4)), cv2.LINE_AA)


def _ink(rng: np.random.Generator) -> tuple[int, ...]:
    return (0, 0, 0) if rng.random() < 0.5 else _colour(rng)


def _colour(rng: np.random.Generator) -> tuple[int, ...]:
    if rng.random() < 0.3:
        return (int(rng.integers(0, 256)),) * 3
    return tuple(rng.integers(0, 256, 3).tolist())


_SHAPES = (_fill, _outline, _ellipse, _hatching, _text, _text)
