"""Charts of sweeps over numbers of topics, of samples of mixtures and of the Dirichlet, and of the recovery of topics."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from corpora.files import replacing
from spacy_topics.errors import Errors, InputError
from spacy_topics.hierarchy import merges
from spacy_topics.topic_model import TopicModel

CHARTS = (".svg", ".png", ".pdf")
BLUE, ORANGE = "#1f5a92", "#e08214"  # they differ in lightness too, for readers who cannot tell the hues apart
_PANELS = 12  # maximum number of samples in a chart


def check_chart(path: str | Path) -> None:
    """Check that a file name ends in one of CHARTS.

    path (str | Path): the file of a chart.
    RAISES InputError: T022, another ending.
    """
    if Path(path).suffix not in CHARTS:
        raise InputError(Errors.T022.format(what="the chart's file ending", allowed=", ".join(CHARTS), got=repr(str(path))))


def sweep_chart(rows: Sequence[dict[str, Any]], path: str | Path) -> None:
    """Draw the results of a sweep, one panel per measure.

    rows (Sequence): as `fit.sweep_topics` returns them.
    path (str | Path): an SVG, PNG or PDF file.
    RAISES InputError: T022, another ending.
    """
    measures = [key for key in ("perplexity", "coherence", "diversity", "stability") if not np.isnan(rows[0][key])]
    figure = new_figure(3.2 * len(measures), 2.8)
    sizes = [row["topics"] for row in rows]
    for axes, key in zip(figure.subplots(1, len(measures), squeeze=False)[0], measures, strict=True):
        axes.plot(sizes, [row[key] for row in rows], marker="o", color=BLUE)
        axes.set(title=key + (" (held out)" if key == "perplexity" else ""), xlabel="topics", xticks=sizes)
        axes.spines[["top", "right"]].set_visible(False)
    save(figure, path)


def hierarchy_chart(model: TopicModel, path: str | Path) -> None:
    """Draw the hierarchy of topics as a tree, one topic per line.

    model (TopicModel): a model with two topics or more beside the background.
    path (str | Path): an SVG, PNG or PDF file.
    RAISES InputError: T022, another ending.
    """
    from scipy.cluster.hierarchy import dendrogram

    topics = [topic for topic in range(model.num_topics) if topic != model.background]
    number: dict[tuple[int, ...], int] = {(topic,): i for i, topic in enumerate(topics)}
    rows = []
    for merge in merges(model):
        rows.append([number[merge.left], number[merge.right], merge.distance, len(merge.topics)])
        number[merge.topics] = len(number)
    labels = [f"{topic} {model.labels[topic]}" for topic in topics]
    figure = new_figure(8, 0.8 + 0.24 * len(topics))
    axes = figure.subplots()
    dendrogram(
        np.array(rows, np.float64), orientation="left", labels=labels, ax=axes, color_threshold=0, above_threshold_color=BLUE
    )
    axes.set_xlabel("Ward's distance (Hellinger)")
    axes.tick_params(axis="y", labelsize=9)
    axes.spines[["top", "left", "right"]].set_visible(False)
    save(figure, path)


def mixture_chart(made: Any, types: dict[str, tuple[float, float]], path: str | Path) -> None:
    """Draw the samples of a mixture (12 at most), one panel per sample: the draws, and the density that they are from.

    made (Mixture): the samples, from `simulate.mixture`.
    types (dict): name -> mean and standard deviation in cm, as in `simulate.IRIS`.
    path (str | Path): an SVG, PNG or PDF file.
    RAISES InputError: T022, another ending.
    """
    shown = min(len(made.lengths), _PANELS)
    columns = min(shown, 3)
    rows = -(-shown // columns)
    figure = new_figure(1.4 + 3.2 * columns, 0.8 + 2.3 * rows)
    panels = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False).ravel()
    low, high = np.floor(made.lengths[:shown].min() * 5 - 1) / 5, np.ceil(made.lengths[:shown].max() * 5 + 1) / 5
    edges, grid = np.linspace(low, high, round((high - low) * 5) + 1), np.linspace(low, high, 300)
    for sample, axes in enumerate(panels):
        axes.set_visible(sample < shown)
        if sample >= shown:
            continue
        drawn = [made.lengths[sample, made.types[sample] == k] for k in range(len(types))]
        axes.hist(drawn, edges, stacked=True, color=[BLUE, ORANGE], edgecolor="white", linewidth=0.5, label=list(types))
        shape = zip(made.proportions[sample], made.means[sample], types.values(), strict=True)
        density = sum(p * np.exp(-(((grid - mean) / d) ** 2) / 2) / (d * np.sqrt(2 * np.pi)) for p, mean, (_, d) in shape)
        axes.plot(grid, density * len(made.lengths[0]) * (edges[1] - edges[0]), color="black", label="expected")
        title = ", ".join(
            f"{name} {p:.0%} ({len(x)} drawn)" for name, p, x in zip(types, made.proportions[sample], drawn, strict=True)
        )
        axes.set_title(title, fontsize=9)
        axes.yaxis.get_major_locator().set_params(integer=True)
        axes.spines[["top", "right"]].set_visible(False)
    shown_of = f", {shown} of {len(made.lengths)} samples" if shown < len(made.lengths) else ""
    figure.supxlabel(f"sepal length (cm){shown_of}", fontsize=10)
    figure.supylabel("draws", fontsize=10)
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside upper center", ncols=3, frameon=False)
    save(figure, path)


def simplex_chart(priors: Sequence[Any], draws: Sequence[np.ndarray], path: str | Path) -> None:
    """Draw proportions of three topics as points in a triangle, one panel per prior; a corner is one topic alone.

    priors (Sequence): alpha of each panel: one number, or three.
    draws (Sequence): (draws, 3) proportions for each prior.
    path (str | Path): an SVG, PNG or PDF file.
    RAISES InputError: T022, another ending.
    """
    columns = min(len(priors), 4)
    rows = -(-len(priors) // columns)
    figure = new_figure(2.7 * columns, 2.9 * rows + 0.2)
    panels = figure.subplots(rows, columns, squeeze=False).ravel()
    for axes in panels:
        axes.set(aspect="equal", xlim=(-0.12, 1.12), ylim=(-0.14, 1.25), xticks=[], yticks=[])
        axes.spines[:].set_visible(False)
    corners = np.array([[0, 0], [1, 0], [0.5, np.sqrt(0.75)]])
    for axes, prior, theta in zip(panels, priors, draws, strict=False):
        axes.fill(*corners.T, facecolor="#f4f4f4", edgecolor="#777777", linewidth=1)
        axes.scatter(*(theta @ corners).T, s=5, alpha=0.35, color=BLUE, linewidths=0, zorder=2, rasterized=True)
        (mean,) = axes.plot(*(theta.mean(axis=0) @ corners), "+", color=ORANGE, markersize=10, markeredgewidth=2, zorder=3)
        for (x, y), name, side in zip(corners, ("topic 1", "topic 2", "topic 3"), (-0.08, -0.08, 0.06), strict=True):
            axes.text(x, y + side, name, ha="center", va="center", fontsize=9)
        alpha = f"{prior:g}" if np.ndim(prior) == 0 else ", ".join(f"{a:g}" for a in prior)
        title = f"alpha {alpha}\nlargest share {theta.max(axis=1).mean():.2f} on average"
        axes.text(0.5, 1.05, title, ha="center", fontsize=9)
    figure.legend([mean], ["mean of the draws"], loc="outside lower center", frameon=False, fontsize=9)
    save(figure, path)


def recovery_chart(rows: Sequence[dict[str, Any]], true_phi: np.ndarray, phi: np.ndarray, path: str | Path) -> None:
    """Draw how well topics are recovered, below one example of true and recovered topics.

    rows (Sequence): as `simulate.recoveries` returns them.
    true_phi (ndarray): (topics, vocabulary) the true topics of the example.
    phi (ndarray): (topics, vocabulary) the recovered topics, in the order of the true ones.
    path (str | Path): an SVG, PNG or PDF file.
    RAISES InputError: T022, another ending.
    """
    figure = new_figure(12, 7.4)
    above, below = figure.subfigures(2, 1, height_ratios=[1, 1.3])
    _topics(above, true_phi, phi)
    panels = below.subplots(1, 4, width_ratios=[1, 1, 1, 1.2])
    labels = {"documents": "documents", "length": "words per document", "alpha": "alpha", "broken": "agreement with the truth"}
    for axes, (varied, label) in zip(panels, labels.items(), strict=True):
        trials = [row for row in rows if row["varied"] == varied]
        names = [row["value"] for row in trials]
        _series(axes, range(len(trials)) if varied == "broken" else np.array(names), trials, across=varied == "broken")
        axes.set_xlabel(label)
        axes.spines[["top", "right"]].set_visible(False)
        if varied == "broken":
            axes.set(xlim=(0, 1.02), ylim=(len(trials) - 0.5, -0.5), title="assumptions broken")
            axes.set_yticks(range(len(trials)), names)
        else:
            axes.set(xscale="log", ylim=(0, 1.02))
            axes.minorticks_off()
            axes.set_xticks(names, [f"{name:g}" for name in names])
    panels[0].set_ylabel("agreement with the truth")
    handles, names = panels[0].get_legend_handles_labels()
    order = (2, 0, 3, 1)
    handles, names = [handles[i] for i in order], [names[i] for i in order]
    below.legend(handles, names, loc="outside lower center", ncols=4, frameon=False)
    save(figure, path)


def _topics(figure: Any, *pair: np.ndarray) -> None:
    words = np.lexsort((-pair[0].max(axis=0), pair[0].argmax(axis=0)))
    top = np.sqrt(max(phi.max() for phi in pair))  # shades show the square root: else only the commonest words would be visible
    both = figure.subplots(1, 2, sharey=True)
    for axes, phi, title in zip(both, pair, ("topics that made the documents", "topics found again"), strict=True):
        extent = (0, len(words), len(phi) + 0.5, 0.5)
        shades = axes.imshow(
            np.sqrt(phi[:, words]), "Blues", aspect="auto", vmin=0, vmax=top, extent=extent, interpolation="none"
        )
        axes.set(title=title, xlabel="words, by their true topic")
        axes.yaxis.get_major_locator().set_params(integer=True)
    both[0].set_ylabel("topic")
    bar = figure.colorbar(shades, ax=both, ticks=np.linspace(0, top, 4), label="p(word | topic)")
    bar.set_ticklabels([f"{tick**2:.2f}" for tick in np.linspace(0, top, 4)])


def _series(axes: Any, positions: Any, rows: Sequence[dict[str, Any]], across: bool) -> None:
    """Draw means with the range of the runs, and the agreement by chance.

    axes (Axes): the panel.
    positions (Any): position of each row on the x axis, or on the y axis.
    rows (Sequence): as `simulate.recoveries` returns them.
    across (bool): whether the positions are on the y axis.
    """
    labels = {"topics": "topics (cosine)", "documents": "documents (overlap of theta)"}
    for key, colour, marker, side in (("topics", BLUE, "o", -1), ("documents", ORANGE, "s", 1)):
        mean = np.array([row[key] for row in rows])
        low = np.array([row[f"{key} lowest"] for row in rows])
        high = np.array([row[f"{key} highest"] for row in rows])
        chance = np.array([row[f"{key} by chance"] for row in rows])
        span = np.stack([mean - low, high - mean]).clip(0)
        if across:
            axes.errorbar(mean, np.array(positions) + 0.12 * side, xerr=span, fmt=marker, color=colour, capsize=2)
            axes.plot(chance, np.array(positions) + 0.12 * side, "|", color=colour, markersize=9, markeredgewidth=2)
        else:
            style = {"color": colour, "capsize": 2, "label": f"{labels[key]}, lowest to highest run"}
            axes.errorbar(positions * 1.06**side, mean, yerr=span, fmt=f"{marker}-", **style)
            axes.plot(positions, chance, "--", color=colour, linewidth=1, label=f"{key} by chance")


def new_figure(width: float, height: float) -> Any:
    """An empty figure.

    width (float): in inches.
    height (float): in inches.
    """
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")


def save(figure: Any, path: str | Path) -> None:
    """Write a figure to an SVG, PNG or PDF file, according to its ending.

    figure (Figure): the figure.
    path (str | Path): the file.
    RAISES InputError: T022, another ending.
    """
    check_chart(path)
    with replacing(path) as beside:
        figure.savefig(beside, format=Path(path).suffix[1:], dpi=150)
