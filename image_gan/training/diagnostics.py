"""What a log says of the four troubles of GANs that the talk names, in words."""

from collections.abc import Mapping, Sequence

_LOOKS = 4  # looks back


def remarks(lines: Sequence[Mapping]) -> list[str]:
    """Say what is wrong at the last of a log's lines, if anything.

    lines (Sequence): log lines of one phase, in order, as the trainer writes them.
    RETURNS (list): a sentence for each trouble that shows.
    """
    now, before = lines[-1], lines[-1 - _LOOKS :]
    found = []
    if now.get("skipped"):
        found.append(f"{now['skipped']} steps gave no finite gradient and were skipped: lower the rates if it goes on")
    if now["phase"] == "adversarial":
        accuracy, norm = now.get("accuracy", 0.5), now.get("generator_norm")
        most = max(line.get("generator_norm", 0.0) for line in before)
        if accuracy > 0.97 and norm is not None and norm < 0.2 * most:
            found.append(
                f"diminished gradient: the critic tells {accuracy:.0%} right and the generator's gradient is "
                f"{norm / most:.0%} of what it was: it learns little; lower critic_rate"
            )
        elif accuracy > 0.97:
            found.append(f"out of balance: the critic tells {accuracy:.0%} right; lower critic_rate or give the generator more")
        elif now.get("waits", 0) > 0.5:
            found.append(f"out of balance: the critic is at {accuracy:.0%}, and the generator waits; raise critic_rate")
    if len(before) > _LOOKS and now["phase"] != "critic":  # which leaves the generator as it is
        if all(key in line for line in before for key in ("pixel", "psnr")):
            better = before[-1]["pixel"] < before[0]["pixel"]
            if better and before[-1]["psnr"] < before[0]["psnr"] - 0.1:
                found.append("overfitting: pictures that are trained on get better and held-out ones worse; give more pictures")
        judged = [line["judged"] for line in before if ("distance" in line) == ("distance" in now)]  # before features: by PSNR
        if len(judged) > _LOOKS and max(judged[1:]) <= judged[0]:
            found.append(f"no convergence: for {_LOOKS} looks the held-out figure has not got better")
        if len(judged) > _LOOKS and max(judged) - min(judged) > 3 * abs(judged[-1] - judged[0]) + 0.05 * abs(judged[0]):
            found.append("unsteady: the held-out figure jumps up and down; lower the rates or raise the batch")
    return found
