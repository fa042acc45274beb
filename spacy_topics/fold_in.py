"""Fold-in: the topic proportions theta of documents, given a model's phi and alpha.

Everything here works on bags: sorted term ids with counts, many documents in three arrays. A row of the result depends
only on its own bag, down to the last bit: alone, in any batch, in any order and in any process.
"""

import hashlib

import numpy as np

from spacy_topics.bags import Bags, ranges

METHODS = ("variational", "gibbs")
# Documents are padded to one of these numbers of distinct terms, and longer ones are cut into chunks of a fixed size: each
# row then goes through the same shapes, hence the same sums, whatever its neighbours are.
_LENGTHS = np.array([8, 16, 24, 32, 48, 64, 96, 128, 192, 256])
_CHUNK_FLOATS = 8192  # BLAS never splits a product this small among threads, which could change its last bits
_BLOCK_FLOATS = 2**19  # one block of documents x terms x topics: 2 MiB, so that the iterations stay in the processor's cache

_SAMPLED = 8192  # tokens whose topics are drawn at a time


def infer_theta(
    word_topic: np.ndarray,
    alpha: np.ndarray,
    bags: Bags,
    *,
    method: str = "variational",
    tolerance: float = 0.02,
    iterations: int = 100,
    seed: int = 0,
) -> np.ndarray:
    """Infer theta of each document; an empty document gets the prior's mean.

    word_topic (ndarray): (V, K) float32, phi transposed: p(term | topic), above 0.
    alpha (ndarray): (K,) float32, the Dirichlet prior, above 0.
    bags (Bags): the documents.
    method (str): "variational": expectation maximisation of the Dirichlet-smoothed mixture, from the prior's mean
        (Hofmann 1999, with the prior's counts added; the deterministic limit of Blei et al. 2003); "gibbs": the
        posterior mean by blocked Gibbs sampling with phi frozen (Griffiths & Steyvers 2004), Rao-Blackwellised.
    tolerance (float): variational: stop when theta changes by less than this, in L1 norm.
    iterations (int): variational: maximum number of steps; gibbs: samples that are kept, after a burn-in of half as many.
    seed (int): gibbs: together with the bag's content, it seeds the document's random generator.
    RETURNS (ndarray): (D, K) float32, each row on the simplex.
    """
    theta = np.tile(alpha / alpha.sum(), (len(bags), 1)).astype(np.float32)
    if method == "gibbs":
        for row in np.flatnonzero(np.diff(bags.offsets)):
            span = slice(bags.offsets[row], bags.offsets[row + 1])
            theta[row] = _gibbs(word_topic, alpha, bags.terms[span], bags.counts[span], iterations, seed)
        return theta
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
            theta[block_rows] = _maximise(word_topic, alpha, terms, counts, tolerance, iterations)
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
