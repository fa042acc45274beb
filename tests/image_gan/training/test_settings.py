import math
import re
from pathlib import Path

import pytest
from confection import Config, ConfigValidationError

from corpora.errors import InputError
from image_gan.training import settings
from image_gan.training.degrade import Degradation
from image_gan.training.schedule import Tier

CONFIGS = Path(settings.__file__).parents[1] / "configs"
RESTORE = CONFIGS / "restore.cfg"
SHIPPED = sorted(path.name for path in CONFIGS.glob("*.cfg"))


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_configs_fit_together(name):
    """They load, name every value that can be overridden, build, and their crops are multiples of what the networks take."""
    config = settings.load(CONFIGS / name, {"vars.network": "resnet18", "vars.weights": None} if "imagenet" in name else {})
    networks = {part: settings.network_of(config, part, weights=False) for part in ("generator", "critic")}
    least = math.lcm(networks["generator"].scale * networks["generator"].multiple, networks["critic"].multiple)
    made = settings.settings_of(config)
    assert list(made["schedule"].tiers) == ["low", "medium", "high"]
    for tier in made["schedule"].tiers.values():
        assert tier.crop % least == 0
    assert {"train", "held_out"} <= set(config["paths"])
    assert settings.load(CONFIGS / name, {"training.seed": 4, "paths.held_out": "x"})["training"]["seed"] == 4


def test_defaults_are_filled_in_and_values_overridden(tmp_path):
    config = settings.load(RESTORE, {"training.seed": 5, "schedule.medium": None, "generator.widths": [8, 16, 24]})
    assert config["training"]["seed"] == 5
    assert config["training"]["minutes"] == 0
    assert config["generator"]["weights"] is None
    assert config["card"]["terms"] == "those of the pictures given"
    made = settings.settings_of(config)
    assert set(made) == {"degradation", "loss", "schedule", "training", "card"}
    assert made["degradation"] == Degradation([0.3, 1.2], [], [2, 25], [20, 80], resized=[0.7, 1.6])
    assert made["schedule"].low == Tier(32, 16, 600, 100, 300)
    assert made["schedule"].medium is None
    (tmp_path / "again.cfg").write_text(config.to_str())
    again = settings.load(tmp_path / "again.cfg")
    assert again == config
    assert settings.differences(again, config) == []


def test_networks_without_their_weights(tmp_path):
    config = settings.load(CONFIGS / "restore_imagenet.cfg", {"vars.network": "resnet18", "vars.weights": "none.npz"})
    for name in settings.NETWORKS:
        with pytest.raises(InputError, match=r"\[P071\] cannot load weights of resnet18 from none.npz: no such file"):
            settings.network_of(config, name)
    assert len(settings.network_of(config, "features", weights=False).outputs) == 4
    assert settings.network_of(settings.load(RESTORE), "features") is None


OVERRIDES = [
    # what is overridden, and what is said of it
    ({"generator.widht": 3}, "generator -> widht: unexpected argument|generator.*widht.*unexpected argument"),
    ({"training.sed": 1}, "training.*sed.*unexpected"),
    ({"optimizer.rate": 1}, "not a section value that can be overridden"),
    ({"paths.trian": "x"}, "paths.trian.*unknown path"),
    ({"paths.train": 2024}, "paths.train.*2024 is not a path"),
    ({"training.seed": "x"}, "training -> seed.*'x' is not <class 'int'>"),
    ({"training.seed": "3"}, "training.seed.*'3' is a text, not a number"),
    ({"training.seed": 1.5}, "training -> seed"),
    ({"training.look": True}, "training -> look.*True is not"),
    ({"generator.widths": 8}, "generator -> widths"),
    ({"generator.widths": [8, "16", 24]}, "generator.widths.1.*'16' is a text"),
    ({"generator.@networks": "image_gan.UNet.v9"}, "Cant't find 'image_gan.UNet.v9' in registry .*image_gan.UNet.v1"),
    ({"card.@settings": "image_gan.Cart.v1"}, "Cant't find 'image_gan.Cart.v1'"),
    ({"degradation.blur": "12"}, "degradation.blur.*'12' is a text"),
    ({"degradation.blur": 1}, "degradation -> blur"),
    ({"schedule.low": 3}, "schedule -> low"),
    ({"schedule.low.crop": "a"}, "schedule.low -> crop"),
    ({"schedule.low.crop": 3}, r"\[P060\] a tier's crop must be 4 or more. Received: 3"),
    ({"schedule.blend": 2}, r"\[P060\] schedule.blend must be from 0 to 1. Received: 2"),
    ({"schedule.low": None, "schedule.medium": None, "schedule.high": None}, r"\[P060\] schedule must be a tier"),
    ({"degradation.blur": [2, 1]}, r"\[P060\] degradation.blur must be empty, or two numbers from 0 to 20, the lower first"),
    ({"loss.pixel": -1}, r"\[P060\] loss must be weights of 0 or more, not all 0"),
    ({"loss.pixel": math.inf}, r"\[P060\] loss"),
    ({"loss.style": math.nan}, r"\[P060\] loss"),
    ({f"loss.{name}": 0 for name in ("pixel", "content", "style", "adversarial")}, r"\[P060\] loss"),
    ({"training.seed": -1}, r"\[P060\] training.seed must be from 0 to 4294967295. Received: -1"),
    ({"training.seed": 2**40}, r"\[P060\] training.seed"),
    ({"training.generator_rate": 0}, r"\[P060\] training.generator_rate must be from 1e-09 to 1. Received: 0"),
    ({"training.critic_rate": math.nan}, r"\[P060\] training.critic_rate"),
    ({"training.look": 0}, r"\[P060\] training.look must be 1 or more"),
    ({"training.pictures": 0}, r"\[P060\] training.pictures"),
    ({"training.minutes": -1}, r"\[P060\] training.minutes must be 0 or more"),
    ({"training.ema": 1}, r"\[P060\] training.ema must be between 0 and 1. Received: 1"),
    ({"training.held_out": 0}, r"\[P060\] training.held_out"),
    ({"training.precision": "float16"}, r"\[P060\] training.precision must be auto or float32 or bfloat16"),
    ({"training.judge": "ssim"}, r"\[P060\] training.judge"),
    ({"training.devices": "two"}, r"\[P060\] training.devices must be one or all or workers"),
]


@pytest.mark.parametrize(("overrides", "said"), OVERRIDES)
def test_a_value_that_cannot_be(overrides, said):
    with pytest.raises(ValueError) as error:
        settings.load(RESTORE, overrides)
    assert isinstance(error.value, InputError) or type(error.value).__module__.startswith(("confection", "catalogue"))
    assert re.search(said, " ".join(str(error.value).split()))


TEXTS = [
    (lambda text: "", "paths missing section"),
    (lambda text: "hello", "contains no section headers"),
    (lambda text: text + "\n[optimizer]\nx = 1\n", "optimizer unknown section"),
    (lambda text: text.replace("[card]", "[vars]").replace('@settings = "image_gan.Card.v1"', ""), "card missing section"),
    (lambda text: text.replace('@settings = "image_gan.Loss.v1"', ""), "loss missing @settings"),
    (lambda text: text.replace('@networks = "image_gan.UNet.v1"', ""), "generator missing @networks"),
    (lambda text: text.replace("seed = 0", "seed = ${vars.none}"), "vars.none"),
    (lambda text: text.replace("[32,64,96]", "[32,64"), "generator -> widths"),
    (lambda text: text + "\n[loss]\npixel = 1\n", r"\[P066\].*section 'loss' already exists"),
    (
        lambda text: text.replace("lead = 0.55", "lead = 0.55\nlead = 0.6"),
        r"\[P066\].*'lead' in section 'schedule' already exists",
    ),
    (lambda text: text + "\x00", "parsing errors"),
]


@pytest.mark.parametrize(("edit", "said"), TEXTS)
def test_a_file_that_is_no_config(edit, said, tmp_path):
    (tmp_path / "x.cfg").write_text(edit(RESTORE.read_text()))
    with pytest.raises(ValueError) as error:
        settings.load(tmp_path / "x.cfg")
    assert isinstance(error.value, InputError | ConfigValidationError)
    assert re.search(said, " ".join(str(error.value).split("\n{")[0].split()))


def test_a_file_that_is_no_text(tmp_path):
    (tmp_path / "x.cfg").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match=r"\[P066\] cannot read .*x.cfg as a config: 'utf-8'"):
        settings.load(tmp_path / "x.cfg")
    with pytest.raises(InputError, match=r"\[P066\]"):
        settings.load(tmp_path)
    with pytest.raises(InputError, match="no such file; restore, restore_imagenet come with palate"):
        settings.load(tmp_path / "none.cfg")


def test_nothing_is_loaded_for_it():
    import subprocess
    import sys

    code = "import sys; from image_gan.training import settings; settings.load(sys.argv[1])"
    code += "; print({'tensorflow', 'keras', 'cv2'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code, str(RESTORE)], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


def test_differences_name_keys():
    one = Config({"a": {"b": 1, "c": {"d": [1, 2]}}, "e": 3})
    assert settings.differences(one, one) == []
    assert settings.differences(one, {"a": {"b": 2, "c": {"d": [1, 3]}}}) == ["a.b", "a.c.d", "e"]
    assert settings.differences({}, {"x": {"y": 1}}) == ["x"]
