"""Every message about pictures, with its code; raised as ``InputError(Errors.P001.format(...))``."""

from corpora.errors import InputError as InputError


class Errors:
    """Message templates: each says what is wrong, what was received, and what would do."""

    # Reading a picture
    P003 = "[P003] {name} is {what}: JPEG, PNG, WebP, TIFF and BMP are read"
    P004 = "[P004] {name} cannot be decoded ({reason}): damaged or cut short? Fetch it again{hint}"
    P005 = "[P005] {name} is a {kind} of several frames or pages: save the one that is wanted, and give that"
    P006 = "[P006] {name} says that it is {width} x {height} pixels: at most {most} are read"
    P007 = "[P007] {name} has samples that are not read ({what}): 8 or 16 bits of grey, RGB or CMYK would do"

    # Finding and writing pictures
    P009 = "[P009] there is no file {path}"
    P010 = "[P010] {folder} holds no picture ({suffixes}){hint}"
    P011 = "[P011] {path}: cannot tell what to write by its name: one of {suffixes} would do"
    P012 = "[P012] there is no format {format!r}: one of {formats} would do"
    P013 = "[P013] {format} cannot hold transparency: png, webp or tiff would do"
    P014 = "[P014] a picture of {width} x {height} pixels cannot be written as {format} ({reason}): png or tiff would do"

    # Comparing pictures
    P020 = "[P020] pictures of one shape are compared. Received: {first} and {second}"
    P021 = "[P021] the picture is too small to be compared: {least} pixels a side are needed. Received: {shape}"

    # Enhancing
    P080 = "[P080] a picture is (H, W, 3), (H, W, 1) or (H, W), uint8 or uint16, and not empty. Received: {shape}, {dtype}"
    P081 = "[P081] the picture would be {width} x {height} pixels: at most {most} are made; take a lower scale, or parts of it"
    P082 = "[P082] the model {model!r} gives numbers that are not finite: use another, or train it anew"
    P083 = "[P083] there is no model {model!r}: these ship: {there}; a file's name would do too"
    P084 = "[P084] there is no look {look!r} at scale {scale}: faithful at 1, 2 and 4, and crisp at 2 and 4 are there"
    P085 = "[P085] a picture from or to a standard stream (-) is one by itself, without a strip; with -o, that is a file or -"
    P086 = "[P086] {path} says by its name what it is: leave the format out, or name a folder"
    P087 = "[P087] it would be written over itself: name another folder or suffix"
    P088 = "[P088] {path} is what another input would be written to as well: rename one, or do them apart"
    P089 = "[P089] {path} is there already: --overwrite it, --skip-existing, or name another folder or suffix"
    P090 = "[P090] {path} is called as one picture, and several may come: name a folder"

    # Model files
    P050 = "[P050] {path} is no model of palate's ({reason}): `palate images export RUN` writes one"
    P051 = "[P051] {path} is damaged (checksum or length differs): fetch it again, or export it anew"
    P052 = "[P052] {path} has format {found}; this palate reads up to {known}: install a newer palate"

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
    P065 = "[P065] {file} is {size}, smaller than the crop of {crop}: lower the crop, or prepare the pictures anew"
    P066 = "[P066] {path} cannot be read as a config: {reason}"
    P067 = "[P067] {path} is no checkpoint that can be taken up: {reason}"
    P068 = "[P068] {run}: gradients are not finite, {restores} restores have not helped: lower the rates"
    P069 = "[P069] {run} has another config: {keys} differ. Leave them out, or begin a new run"

    # Networks
    P070 = "[P070] there is no network {got!r}: {known} are there"
    P071 = "[P071] weights of {name} from {got}: {reason}"
    P072 = "[P072] the generator cannot be built: {reason}"
