import math
import re
from pathlib import Path

import pytest
from confection import Config, ConfigValidationError

from corpora.errors import InputError
from image_gan.training import format_1, settings
from image_gan.training.degrade import Degradation
from image_gan.training.schedule import Tier

CONFIGS = settings.CONFIGS
GAN = CONFIGS / "gan.cfg"
SHIPPED = sorted(path.name for path in CONFIGS.glob("*.cfg"))
PROJECT = sorted((Path(__file__).parents[3] / "projects" / "enhance" / "configs").glob("*.cfg"))


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_configs_fit_together(name):
    """They load, name every value that can be overridden, build, and their crops are multiples of what the networks take."""
    config = settings.load(CONFIGS / name, {"vars.network": "resnet18", "vars.weights": None} if "imagenet" in name else {})
    networks = {part: settings.network_of(config, part, pretrained=False) for part in ("generator", "critic")}
    least = math.lcm(networks["generator"].scale * networks["generator"].size_multiple, networks["critic"].size_multiple)
    made = settings.settings_of(config)
    assert list(made.schedule.tiers) == ["low", "medium", "high"]
    for tier in made.schedule.tiers.values():
        assert tier.crop % least == 0
    assert {"train", "validation"} <= set(config["paths"])
    assert settings.load(CONFIGS / name, {"training.seed": 4, "paths.validation": "x"})["training"]["seed"] == 4


@pytest.mark.parametrize("path", PROJECT, ids=lambda path: path.stem)
def test_configs_of_what_ships_are_complete(path):
    config = settings.load(path)
    assert config["card"]["name"] == path.stem


def test_defaults_are_filled_in_and_values_overridden(tmp_path):
    config = settings.load(GAN, {"training.seed": 5, "schedule.medium": None, "generator.widths": [8, 16, 24]})
    assert config["training"]["seed"] == 5
    assert config["training"]["minutes"] == 0
    assert config["generator"]["weights"] is None
    assert config["card"]["terms"] == "those of the pictures given"
    made = settings.settings_of(config)
    assert made.degradation == Degradation([0.3, 1.2], [], [2, 25], [20, 80], resize=[0.7, 1.6], kernels=["bicubic"])
    assert made.schedule.low == Tier(32, 16, 600, 100, 300)
    assert made.schedule.medium is None
    (tmp_path / "again.cfg").write_text(config.to_str())
    again = settings.load(tmp_path / "again.cfg")
    assert again == config
    assert settings.differences(again, config) == []


def test_networks_without_their_weights(tmp_path):
    config = settings.load(CONFIGS / "gan_imagenet.cfg", {"vars.network": "resnet18", "vars.weights": "none.npz"})
    for name in settings.NETWORKS:
        with pytest.raises(InputError, match=r"\[P071\] cannot load weights of resnet18 from none.npz: no such file"):
            settings.network_of(config, name)
    assert len(settings.network_of(config, "features", pretrained=False).outputs) == 4
    assert settings.network_of(settings.load(GAN), "features") is None


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
    ({"training.validate_every": True}, "training -> validate_every.*True is not"),
    ({"generator.widths": 8}, "generator -> widths"),
    ({"generator.widths": [8, "16", 24]}, "generator.widths.1.*'16' is a text"),
    ({"generator.@networks": "image_gan.UNet.v9"}, "Cant't find 'image_gan.UNet.v9' in registry .*image_gan.UNet.v1"),
    ({"card.@settings": "image_gan.Cart.v1"}, "Cant't find 'image_gan.Cart.v1'"),
    ({"degradation.blur": "12"}, "degradation.blur.*'12' is a text"),
    ({"degradation.blur": 1}, "degradation -> blur"),
    ({"schedule.low": 3}, "schedule -> low"),
    ({"schedule.low.crop": "a"}, "schedule.low -> crop"),
    ({"schedule.low.crop": 3}, r"\[P060\] a tier's crop must be 4 or more. Received: 3"),
    ({"schedule.fade_in": 2}, r"\[P060\] schedule.fade_in must be from 0 to 1. Received: 2"),
    ({"schedule.low": None, "schedule.medium": None, "schedule.high": None}, r"\[P060\] schedule must be at least one tier"),
    (
        {"degradation.blur": [2, 1]},
        r"\[P060\] degradation.blur must be empty, or two numbers from 0 to 20, the lower one first",
    ),
    ({"loss.pixel": -1}, r"\[P060\] loss must be weights of 0 or more, not all 0"),
    ({"loss.pixel": math.inf}, r"\[P060\] loss"),
    ({"loss.style": math.nan}, r"\[P060\] loss"),
    ({f"loss.{name}": 0 for name in ("pixel", "content", "style", "adversarial")}, r"\[P060\] loss"),
    ({"training.seed": -1}, r"\[P060\] training.seed must be from 0 to 4294967295. Received: -1"),
    ({"training.seed": 2**40}, r"\[P060\] training.seed"),
    (
        {"training.generator_learning_rate": 0},
        r"\[P060\] training.generator_learning_rate must be from 1e-09 to 1. Received: 0",
    ),
    ({"training.critic_learning_rate": math.nan}, r"\[P060\] training.critic_learning_rate"),
    ({"training.validate_every": 0}, r"\[P060\] training.validate_every must be 1 or more"),
    ({"training.validation_pictures": 0}, r"\[P060\] training.validation_pictures"),
    ({"training.minutes": -1}, r"\[P060\] training.minutes must be 0 or more"),
    ({"training.ema": 1}, r"\[P060\] training.ema must be between 0 and 1. Received: 1"),
    ({"training.validation_split": 0}, r"\[P060\] training.validation_split"),
    ({"training.precision": "float16"}, r"\[P060\] training.precision must be auto or float32 or bfloat16"),
    ({"training.metric": "ssim"}, r"\[P060\] training.metric"),
    ({"training.devices": "two"}, r"\[P060\] training.devices must be one or all or workers"),
]


@pytest.mark.parametrize(("overrides", "said"), OVERRIDES)
def test_a_value_that_cannot_be(overrides, said):
    with pytest.raises(ValueError) as error:
        settings.load(GAN, overrides)
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
        lambda text: text.replace("critic_accuracy = 0.55", "critic_accuracy = 0.55\ncritic_accuracy = 0.6"),
        r"\[P066\].*'critic_accuracy' in section 'schedule' already exists",
    ),
    (lambda text: text + "\x00", "parsing errors"),
]


@pytest.mark.parametrize(("edit", "said"), TEXTS)
def test_a_file_that_is_no_config(edit, said, tmp_path):
    (tmp_path / "x.cfg").write_text(edit(GAN.read_text()))
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
    with pytest.raises(InputError, match="no such file; gan, gan_imagenet ship with palate"):
        settings.load(tmp_path / "none.cfg")


def test_keys_of_format_1_have_their_present_names():
    """Everywhere in a config, also where a value refers to another one; the order of the keys stays."""
    text = (CONFIGS / "gan.cfg").read_text().replace("critic_accuracy = 0.55", "lead = ${vars.accuracy}")
    text = text.replace("[card]", "[vars]\naccuracy = 0.6\n\n[card]").replace("validate_every = 100", "look = 7")
    text = text.replace("suppress_checkerboard", "levelled").replace("validation = null", 'held_out = "v"\nstart = "runs"')
    config = settings.check(settings.parse(text, {"training.seed": 9}))
    assert config["schedule"]["critic_accuracy"] == 0.6
    assert (config["training"]["validate_every"], config["training"]["seed"]) == (7, 9)
    assert config["paths"] == {"train": None, "validation": "v", "pretrained_run": "runs"}


def test_networks_of_others_keep_their_keys():
    """Only functions of palate are known to have changed theirs."""
    section = {"@networks": "other.Generator.v1", "attention": 4, "spectral": True}
    assert format_1.current_config({"generator": section}) == {"generator": section}
    section = {"@networks": "image_gan.UNet.v1", "attention": 4, "spectral": True}
    assert format_1.current_config({"generator": section}) == {
        "generator": {"@networks": "image_gan.UNet.v1", "attention_window": 4, "spectral_norm": True}
    }


def test_a_key_under_both_names_is_refused(tmp_path):
    (tmp_path / "x.cfg").write_text(GAN.read_text().replace("validate_every = 100", "validate_every = 100\nlook = 50"))
    with pytest.raises(ConfigValidationError, match="look"):
        settings.load(tmp_path / "x.cfg")


def test_nothing_is_loaded_for_it():
    import subprocess
    import sys

    code = "import sys; from image_gan.training import settings; settings.load(sys.argv[1])"
    code += "; print({'tensorflow', 'keras', 'cv2'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code, str(GAN)], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


def test_differences_name_keys():
    one = Config({"a": {"b": 1, "c": {"d": [1, 2]}}, "e": 3})
    assert settings.differences(one, one) == []
    assert settings.differences(one, {"a": {"b": 2, "c": {"d": [1, 3]}}}) == ["a.b", "a.c.d", "e"]
    assert settings.differences({}, {"x": {"y": 1}}) == ["x"]
