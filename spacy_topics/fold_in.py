"""Fold-in: the topic proportions theta of documents, given a model's phi and alpha.

Everything here works on bags: sorted term ids with counts, many documents in three arrays. A row of the result depends
only on its own bag, down to the last bit: alone, in any batch, in any order and in any process.
"""

import hashlib
from typing import NamedTuple

import numpy as np

from spacy_topics.bags import Bags, ranges

METHODS = ("variational", "gibbs")
# Documents are padded to one of these numbers of distinct terms, and longer ones are cut into chunks of a fixed size: each
# row then goes through the same shapes, hence the same sums, whatever its neighbours are.
_LENGTHS = np.array([8, 16, 24, 32, 48, 64, 96, 128, 192, 256])
_CHUNK_FLOATS = 8192  # BLAS never splits a product this small among threads, which could change its last bits
_BLOCK_FLOATS = 2**19  # one block of documents x terms x topics: 2 MiB, so that the iterations stay in the processor's cache
_TOLERANCE = {1: 0.02, 2: 0.003}  # by rules: L1 norm of a step; log-likelihood that is left
_STEPS = {1: 100, 2: 1000}
_SAMPLES = 100
_TINY, _LONGEST = np.float32(1e-30), np.float32(1000)  # no division by 0; as many steps are taken at a time at most
_SAMPLED = 8192  # tokens whose topics are drawn at a time


def infer_theta(
    word_topic: np.ndarray,
    alpha: np.ndarray,
    bags: Bags,
    *,
    method: str = "variational",
    tolerance: float | None = None,
    iterations: int | None = None,
    seed: int = 0,
    rules: int = 2,
) -> np.ndarray:
    """Infer theta of each document; an empty document gets the prior's mean.

    word_topic (ndarray): (V, K) float32, phi transposed: p(term | topic), above 0.
    alpha (ndarray): (K,) float32, the Dirichlet prior, above 0.
    bags (Bags): the documents.
    method (str): "variational": expectation maximisation of the Dirichlet-smoothed mixture, from the prior's mean
        (Hofmann 1999, with the prior's counts added; the deterministic limit of Blei et al. 2003), by steps that are
        extrapolated (SQUAREM, Varadhan & Roland 2008); "gibbs": the posterior mean by blocked Gibbs sampling with phi
        frozen (Griffiths & Steyvers 2004), Rao-Blackwellised.
    tolerance (float | None): variational: stop when the log-likelihood, with the prior's, is expected to rise by less than this
        (None: .003, which is far below what a document can tell).
    iterations (int | None): variational: maximum number of steps (None: 1000; usual are 10); gibbs: samples that are kept,
        after a burn-in of half as many (None: 100).
    seed (int): gibbs: together with the bag's content, it seeds the document's random generator.
    rules (int): 1 for older models, whose variational theta is found by plain steps until one is less than the tolerance in L1
        norm (None: .02, at most 100 steps), which stops too early where topics are alike.
    RETURNS (ndarray): (D, K) float32, each row on the simplex.
    """
    theta = np.tile(alpha / alpha.sum(), (len(bags), 1)).astype(np.float32)
    if method == "gibbs":
        for row in np.flatnonzero(np.diff(bags.offsets)):
            span = slice(bags.offsets[row], bags.offsets[row + 1])
            theta[row] = _gibbs(word_topic, alpha, bags.terms[span], bags.counts[span], iterations or _SAMPLES, seed)
        return theta
    maximise, least = (_step_by_step, _TOLERANCE[1]) if rules == 1 else (_maximise, _TOLERANCE[2])
    least = least if tolerance is None else tolerance
    steps = _STEPS[rules] if iterations is None else iterations
    sizes = np.diff(bags.offsets)
    longest = max(8, 2 ** int(np.log2(_CHUNK_FLOATS / len(alpha))) if len(alpha) < _CHUNK_FLOATS else 8)
    lengths = _LENGTHS[longest >= _LENGTHS]
    chunks = -(-sizes // lengths[-1])
    length = lengths[np.searchsorted(lengths, np.minimum(sizes, lengths[-1]))]
    for shape in np.unique(np.stack([chunks, length], axis=1)[chunks > 0], axis=0):
        rows = np.flatnonzero((chunks == shape[0]) & (length == shape[1]))
        block = max(1, _BLOCK_FLOATS // int(shape[0] * shape[1] * len(alpha)))
        for start in range(0, len(rows), block):
            block_rows = rows[start : start + block]
            terms, counts = _padded(bags, block_rows, *shape)
            theta[block_rows] = maximise(word_topic, alpha, terms, counts, least, steps)
    return theta


def _padded(bags: Bags, rows: np.ndarray, chunks: int, length: int) -> tuple[np.ndarray, np.ndarray]:
    """Terms and counts of documents as arrays (rows, chunks, length), padded with term 0 and count 0."""
    sizes = bags.offsets[rows + 1] - bags.offsets[rows]
    entries = ranges(bags.offsets[rows], sizes)
    positions = ranges(np.arange(len(rows)) * (chunks * length), sizes)
    terms = np.zeros(len(rows) * chunks * length, np.int32)
    counts = np.zeros(len(rows) * chunks * length, np.float32)
    terms[positions], counts[positions] = bags.terms[entries], bags.counts[entries]
    return terms.reshape(len(rows), chunks, length), counts.reshape(len(rows), chunks, length)


def _maximise(word_topic, alpha, terms, counts, tolerance, iterations):
    """Extrapolated EM for a block of equally shaped documents: terms and counts (B, C, L) -> theta (B, K).

    Two steps of EM tell how fast it converges (`rate`), hence how much likelihood is left, and where it is heading. From there
    one more step is taken, if the likelihood is no less there. Each row depends on itself alone, as in `_step_by_step`.
    """
    total = counts.sum(axis=(1, 2)) + alpha.sum()
    block = _Block(word_topic[terms], counts[:, :, None, :], total.astype(np.float32)[:, None, None, None])
    result = np.empty((len(terms), len(alpha)), np.float32)
    theta = np.empty((len(terms), 1, 1, len(alpha)), np.float32)
    theta[:] = alpha / alpha.sum()
    rows, moving, steps = np.arange(len(terms)), np.ones(len(terms), bool), 0
    while True:
        first, _ = _step(theta, alpha, block)
        second, share = _step(first, alpha, block)
        steps += 2
        step, last = first - theta, second - first
        length = _norm(step)
        rate = np.minimum(_norm(last) / np.maximum(length, _TINY), 1 - 1 / _LONGEST)
        left = 0.5 * block.total[:, 0, 0, 0] * _row_sums(last * last / second) / (1 - rate)
        stopped = moving & ((left < tolerance) | (steps + 3 > iterations))
        result[rows[stopped]] = second[stopped, 0, 0]
        moving &= ~stopped
        if not moving.any():
            return result
        stride = np.clip(length / np.maximum(_norm(last - step), _TINY), 1, _LONGEST)[:, None, None, None]
        ahead = theta + 2 * stride * step + stride * stride * (last - step)
        ahead = np.maximum(ahead, alpha / block.total)  # the least that theta can be
        ahead /= ahead.sum(axis=3, keepdims=True)
        theta, share_ahead = _step(ahead, alpha, block)
        steps += 1
        is_worse = _likelihood(ahead, share_ahead, alpha, block) < _likelihood(first, share, alpha, block)
        theta[is_worse] = second[is_worse]
        if np.count_nonzero(moving) < len(moving) * 0.7:  # computing finished rows along is cheaper than copying at every step
            rows, theta = rows[moving], theta[moving]
            block = _Block(*(array[moving] for array in block))
            moving = np.ones(len(rows), bool)


class _Block(NamedTuple):
    """Documents of one shape: p(term | topic) of their terms (B, C, L, K), counts (B, C, 1, L), their sums with the prior's."""

    phi: np.ndarray
    counts: np.ndarray
    total: np.ndarray


def _step(theta, alpha, block):
    """One step of EM, and p(term) before it: theta <- alpha + theta * sum_l counts_l phi_l / (phi_l . theta), normalised."""
    share = np.matmul(theta, block.phi.transpose(0, 1, 3, 2))
    update = np.matmul(block.counts / share, block.phi)
    if update.shape[1] > 1:
        update = update.sum(axis=1, keepdims=True)
    update *= theta
    update += alpha
    update /= block.total
    return update, share


def _likelihood(theta, share, alpha, block):
    return _row_sums((block.counts * np.log(share)).astype(np.float64)) + _row_sums((alpha * np.log(theta)).astype(np.float64))


def _norm(rows):
    return np.sqrt(_row_sums(rows * rows))


def _row_sums(rows):
    return rows.reshape(len(rows), -1).sum(axis=1)


def _step_by_step(word_topic, alpha, terms, counts, tolerance, iterations):
    """EM for a block of equally shaped documents: terms and counts (B, C, L) -> theta (B, K).

    theta <- alpha + theta * sum_l counts_l phi_l / (phi_l . theta), normalised. A row keeps the value of its own last step:
    the other rows decide when the block ends, but not the result of a row that has converged.
    """
    phi = word_topic[terms]  # (B, C, L, K)
    result = np.empty((len(terms), len(alpha)), np.float32)
    theta = np.empty((len(terms), 1, 1, len(alpha)), np.float32)
    theta[:] = alpha / alpha.sum()
    scale = (1 / (counts.sum(axis=(1, 2)) + alpha.sum())).astype(np.float32)[:, None, None, None]
    counts = counts[:, :, None, :]
    rows, moving = np.arange(len(terms)), np.ones(len(terms), bool)
    for _ in range(iterations):
        share = np.matmul(theta, phi.transpose(0, 1, 3, 2))  # p(term): (B, C, 1, L)
        np.divide(counts, share, out=share)
        update = np.matmul(share, phi)  # (B, C, 1, K)
        if update.shape[1] > 1:
            update = update.sum(axis=1, keepdims=True)
        update *= theta
        update += alpha
        update *= scale
        theta -= update
        stopped = moving & (np.abs(theta, out=theta).sum(axis=(1, 2, 3)) < tolerance)
        theta = update
        result[rows[stopped]] = theta[stopped, 0, 0]
        moving &= ~stopped
        left = np.count_nonzero(moving)
        if not left:
            return result
        if left < len(moving) * 0.7:  # computing finished rows along is cheaper than copying at every step
            rows, theta, phi = rows[moving], theta[moving], phi[moving]
            counts, scale = counts[moving], scale[moving]
            moving = np.ones(left, bool)
    result[rows[moving]] = theta[moving, 0, 0]
    return result


def _gibbs(word_topic, alpha, terms, counts, iterations, seed):
    """Posterior mean of one document's theta, alternating z | theta (categorical) and theta | z (Dirichlet)."""
    content = hashlib.blake2b(terms.tobytes() + counts.tobytes(), digest_size=8, salt=seed.to_bytes(8, "little"))
    generator = np.random.default_rng(int.from_bytes(content.digest(), "little"))
    tokens, prior = np.repeat(terms, counts.astype(np.int64)), alpha.astype(np.float64)
    theta, kept = prior / prior.sum(), np.zeros(len(prior))
    burn_in = iterations // 2
    for step in range(burn_in + iterations):
        posterior = prior.copy()
        for start in range(0, len(tokens), _SAMPLED):
            shares = np.cumsum(word_topic[tokens[start : start + _SAMPLED]] * theta, axis=1)
            draws = generator.random((len(shares), 1)) * shares[:, -1:]
            topics = (draws >= shares[:, :-1]).sum(axis=1)
            posterior += np.bincount(topics, minlength=len(prior))
        theta = np.maximum(generator.dirichlet(posterior), 1e-300)
        if step >= burn_in:
            kept += posterior
    return (kept / kept.sum()).astype(np.float32)
