"""How much noise a picture has: the standard deviation of its grain, fine or coarse, in grey levels.

It is measured where the picture is flattest (Liu, Tanaka and Okutomi 2013, IEEE TIP 22, choose patches likewise): in blocks
that are a small share of all, what differs from a slope and a bend is grain. Its middle frequencies count as its high ones do,
so that grain that was blurred, resized or demosaiced is not missed, as it is by filters that see neighbours only.
"""

import numpy as np

MOST = 63.0  # grey levels: networks are told no more
_BLOCK = 16  # pixels of a side: coarser than grain, finer than most flat parts
_BLOCKS = 6000  # measured, of a large picture
_FEWEST = 12  # blocks without black and white, below which these count, too
_CLIPPED = 0.1  # the share of a block's samples that may be black or white
_DRAWN = 0.6  # the share of neighbours that are equal, above which a block is drawn, and has no grain
_PERCENTILE = 15
_BIAS = 1.15  # of the percentile, which lies below the mean by .93 for white grain, and by .8 for grain blurred by 1 pixel
_NONE, _ALL = 0.75, 2.5  # grey levels: what clean pictures have, and what is noise in any case


def estimate_noise(pixels: np.ndarray) -> float:
    """Estimate the standard deviation of the noise.

    pixels (np.ndarray): (H, W, C), uint8 or uint16.
    RETURNS (float): in grey levels of 255, also for 16 bits, up to 63; 0 for a picture smaller than a block.
    """
    blocks = _sample(pixels)
    if not len(blocks):
        return 0.0
    peak = np.iinfo(pixels.dtype).max
    clipped = np.mean((blocks <= peak // 255) | (blocks >= peak - peak // 255), axis=(1, 2))
    if np.sum(clipped < _CLIPPED) >= _FEWEST:
        blocks = blocks[clipped < _CLIPPED]
    values = blocks.astype(np.float32) * np.float32(255 / peak)
    values -= values.mean(axis=1, keepdims=True)
    basis = _slopes_and_bends()
    rest = np.sum(values**2, axis=1) - np.sum((basis.T @ values) ** 2, axis=1)
    variance = np.maximum(rest.mean(axis=1), 0) / (_BLOCK**2 - 1 - basis.shape[1])
    rows = blocks.reshape(-1, _BLOCK, _BLOCK, blocks.shape[2])
    variance[np.mean(rows[:, :, 1:] == rows[:, :, :-1], axis=(1, 2, 3)) > _DRAWN] = 0
    return min(MOST, _BIAS * float(np.sqrt(np.percentile(variance, _PERCENTILE))))


def level_for(pixels: np.ndarray, denoise: str | float) -> float:
    """How much noise a network is told to remove.

    pixels (np.ndarray): as for `estimate_noise`.
    denoise (str | float): the share of the noise that is to go, from 0 to 1; or "auto", all of what is noise, and none of the
        fine grain that clean pictures have, too.
    RETURNS (float): standard deviation, in grey levels.
    """
    if denoise == 0:
        return 0.0
    estimate = estimate_noise(pixels)
    share = min(max((estimate - _NONE) / (_ALL - _NONE), 0), 1) if denoise == "auto" else float(denoise)
    return min(MOST, share * estimate)


def _sample(pixels: np.ndarray) -> np.ndarray:
    """RETURNS (np.ndarray): (blocks, pixels of a block, C), from all over the picture."""
    height, width = (side // _BLOCK for side in pixels.shape[:2])
    channels = pixels.shape[2]
    blocks = pixels[: height * _BLOCK, : width * _BLOCK].reshape(height, _BLOCK, width, _BLOCK, channels).swapaxes(1, 2)
    step = max(1, int(np.sqrt(height * width / _BLOCKS)))
    return blocks[::step, ::step].reshape(-1, _BLOCK**2, channels)


def _slopes_and_bends() -> np.ndarray:
    """An orthonormal basis of what a block may have besides grain: (pixels of a block, 5)."""
    y, x = (np.indices((_BLOCK, _BLOCK)).reshape(2, -1) - (_BLOCK - 1) / 2) / _BLOCK
    surfaces = np.stack([x, y, x * y, x**2, y**2], axis=1)
    return np.linalg.qr(surfaces - surfaces.mean(axis=0))[0].astype(np.float32)
