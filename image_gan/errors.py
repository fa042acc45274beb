"""Every message about pictures, with its code; raised as ``InputError(Errors.P009.format(...))``."""

from corpora.errors import InputError as InputError
from corpora.errors import RunError as RunError


class Errors:
    """Message templates: each says what is wrong, what was received, and what would do."""

    # Reading pictures
    P003 = "[P003] cannot read {name}: it is {what}. Supported: {formats}"
    P004 = "[P004] cannot decode {name} ({reason}): is it damaged or cut short? Fetch it again{hint}"
    P005 = "[P005] {name} is a {kind} with several frames or pages: save the one that you want as a file of its own"
    P006 = "[P006] {name} has {width} x {height} pixels by its header: the limit is {most}"
    P007 = "[P007] {name}: {what} is not supported. Supported: 8 or 16 bits of grey, RGB or CMYK"

    # Finding and writing pictures
    P009 = "[P009] there is no file {path}"
    P010 = "[P010] {folder} holds no picture ({suffixes}){hint}"
    P011 = "[P011] cannot tell from its name which format {path} should have: end it in one of {suffixes}"
    P012 = "[P012] there is no format {format!r}: choose one of {formats}"
    P013 = "[P013] {format} cannot hold transparency: choose png, webp or tiff"
    P014 = "[P014] cannot write a picture of {width} x {height} pixels as {format} ({reason}): choose png or tiff"

    # Comparing pictures
    P020 = "[P020] pictures that are compared must have the same shape. Received: {first} and {second}"
    P021 = "[P021] the picture is too small to compare: it needs {least} pixels per side. Received: {shape}"

    # Model files
    P050 = "[P050] {path} is not a model of palate ({reason}): `palate images export RUN` writes one"
    P051 = "[P051] {path} is damaged (its checksum or length differs): fetch it or export it again"
    P052 = "[P052] {path} has format {found}; this palate reads formats up to {known}: install a newer palate"

    # Training
    P060 = "[P060] {what} must be {allowed}. Received: {got}"
    P061 = (
        "[P061] there are no prepared pictures in {folder}: `palate images prepare PHOTOS -o FOLDER` makes them,"
        " --paths.train FOLDER names them"
    )
    P062 = "[P062] tier {tier} of {folder} is empty: prepare larger or more pictures, or set [schedule.{tier}] to null"
    P063 = (
        "[P063] no picture fills the tier {tier!r}, whose shorter side is {side}: of {read} pictures the largest has {largest}"
        " ({failed} could not be read). Give larger pictures, or smaller --sides"
    )
    P064 = "[P064] {file}: {reason}"
    P065 = "[P065] {file} is {size}, smaller than the crop of {crop}: lower the crop, or prepare the pictures again"
    P066 = "[P066] cannot read {path} as a config: {reason}"
    P067 = "[P067] cannot use {path} as a checkpoint: {reason}"
    P068 = "[P068] {run}: gradients are not finite, and {restores} restores did not help: lower the learning rates"
    P069 = "[P069] {run} has another config: {keys} differ. Leave them out, or start a new run"

    # Networks
    P070 = "[P070] there is no network {got!r}: choose one of {known}"
    P071 = "[P071] cannot load weights of {name} from {got}: {reason}"
    P072 = "[P072] cannot build the generator: {reason}"

    # Enhancing
    P080 = "[P080] a picture must be (H, W, 3), (H, W, 1) or (H, W), uint8 or uint16, and not empty. Received: {shape}, {dtype}"
    P081 = "[P081] the output would have {width} x {height} pixels: the limit is {most}; choose a lower scale"
    P082 = "[P082] the model {model!r} gives numbers that are not finite: use another model, or train it again"
    P083 = "[P083] there is no model {model!r}: choose one that ships ({known}), or give the name of a file"
    P084 = "[P084] there is no look {look!r} at {scale}; those that ship: {known}"
    P085 = "[P085] with - give exactly one picture, without --compare; -o must be a file or -"
    P086 = "[P086] the name of {path} says its format: leave the format out, or name a folder"
    P087 = "[P087] the output would replace its own input: --overwrite it, or name another folder or suffix"
    P088 = "[P088] another input has the same output {path}: rename one, or enhance them separately"
    P089 = "[P089] {path} exists: --overwrite it, --skip-existing, or name another folder or suffix"
    P090 = "[P090] {path} is the name of one picture, and there may be several: name a folder"
    P091 = "[P091] the engine {engine!r} needs the package {package}: pip install {package}"
    P092 = "[P092] give exactly one of scale, width, height and fit. Received: {got}"
    P093 = "[P093] the picture would have to be enlarged by {factor}: the limit is {most}; choose a smaller size"
    P094 = "[P094] cannot import {path}: {reason}"
    P095 = "[P095] the model {model!r} takes no level of noise: leave denoise out"


def one_line(error: Exception, longest: int) -> str:
    """What an error says, or else its name, in one line of limited length."""
    return " ".join(str(error).split())[:longest] or type(error).__name__
