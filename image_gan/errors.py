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
