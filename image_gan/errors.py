"""Every message about pictures, with its code; raised as ``InputError(Errors.P001.format(...))``."""

from corpora.errors import InputError as InputError


class Errors:
    """Message templates: each says what is wrong, what was received, and what would do."""

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
