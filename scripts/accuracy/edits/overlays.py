"""What is put over the picture, or around it."""

from __future__ import annotations

import math
from typing import cast

from PIL import Image, ImageDraw, ImageFont

from accuracy.desk import Desk, Recipe, edit, filling

SAYINGS = (
    "They will not show you this",
    "Happening right now",
    "Share before it is gone",
    "Leaked from the front",
    "Nobody talks about it",
    "I was there this morning",
)
NAMES = ("@truth.daily", "@news_24_live", "@eye.witness", "@the.real.story")


@edit()
def moving_sticker(desk: Desk) -> Recipe:
    """A sticker that moves about."""
    width, height = desk.size
    size = round(min(width, height) * desk.between(0.22, 0.34))
    label = desk.image(face(desk, size))
    pace, other, phase = desk.between(0.8, 1.8), desk.between(0.8, 1.8), desk.between(0, 6)
    graph = (
        f"[v]{label}overlay=x='(W-w)*(0.5+0.5*sin({pace:.2f}*t+{phase:.2f}))'"
        f":y='(H-h)*(0.5+0.5*cos({other:.2f}*t))'[out]"
    )
    return Recipe(graph, desk.whole())


@edit()
def tiled_watermark(desk: Desk) -> Recipe:
    """A translucent watermark tiled over everything."""
    width, height = desk.size
    text = picture_of(desk.random.choice(NAMES), height // 14, "white")
    text.putalpha(text.getchannel("A").point(lambda value: int(value * 0.38)))
    long = width + height
    sheet = Image.new("RGBA", (long, long))
    for row, y in enumerate(range(0, long, text.height * 3)):
        for x in range(-text.width * (row % 2), long, round(text.width * 1.4)):
            sheet.alpha_composite(text, (max(0, x), y))
    turned = sheet.rotate(desk.between(15, 35), resample=Image.Resampling.BICUBIC)
    left, top = (long - width) // 2, (long - height) // 2
    label = desk.image(turned.crop((left, top, left + width, top + height)))
    return Recipe(f"[v]{label}overlay[out]", desk.whole())


@edit()
def meme(desk: Desk) -> Recipe:
    """A meme: bands and large text above and below, an odd shape."""
    width, height = desk.random.choice([(480, 480), (432, 540), (500, 460)])
    band = round(height * desk.between(0.16, 0.22))
    paper, ink = desk.random.choice([("white", "black"), ("black", "white")])
    sheet = Image.new("RGBA", (width, height), paper)
    sheet.paste((0, 0, 0, 0), (0, band, width, height - band))  # a hole for the film
    for y in (0, height - band):
        write(sheet, (0, y, width, band), desk.random.choice(SAYINGS).upper(), ink)
    graph = (
        f"[v]{filling(width, height - 2 * band)},pad={width}:{height}:0:{band}[film];"
        f"[film]{desk.image(sheet)}overlay[out]"
    )
    return Recipe(graph, desk.whole())


@edit()
def news_ticker(desk: Desk) -> Recipe:
    """Lower third, scrolling ticker and logo of a news channel."""
    width, height = desk.size
    line = height // 11
    ticker = picture_of("  +++  ".join(SAYINGS), line * 0.6, "white")
    bar = Image.new("RGBA", (width, line * 3))
    draw = ImageDraw.Draw(bar)
    colour = desk.random.choice(["#a01020", "#102a70", "#0a5a50"])
    draw.rectangle((round(width * 0.04), 0, round(width * 0.8), line * 1.7), fill=colour)
    write(bar, (round(width * 0.05), 0, round(width * 0.7), line), SAYINGS[1], "white")
    draw.rectangle((0, line * 2, width, line * 3), fill="#101018")
    logo = Image.new("RGBA", (width // 7, line), colour)
    write(logo, (0, 0, *logo.size), "NEWS 24", "white")
    lower, text, corner = desk.image(bar), desk.image(ticker), desk.image(logo)
    x = desk.random.choice([f"{width // 30}", f"W-w-{width // 30}"])
    graph = (
        f"[v]{lower}overlay=0:H-h[bar];"
        f"[bar]{text}overlay=x='W-mod(t*{width / 6:.0f},w+W)':y=H-{line}*0.8[run];"
        f"[run]{corner}overlay={x}:{height // 25}[out]"
    )
    return Recipe(graph, desk.whole())


def phone(desk: Desk, paper: str, ink: str, pale: str) -> Recipe:
    """The footage as a post in a phone's interface, scrolled to some place."""
    width, height = 360, 760
    inner = max(120, min(460, round(desk.clip.height / desk.clip.width * width)))
    top = round(desk.between(120, min(260, height - inner - 130)))
    sheet = Image.new("RGBA", (width, height), paper)
    draw = ImageDraw.Draw(sheet)
    draw.ellipse((14, top - 62, 58, top - 18), fill="#5080c0")
    write(sheet, (68, top - 60, 180, 22), desk.random.choice(NAMES), ink)
    write(sheet, (68, top - 38, 120, 16), "2 hours ago", pale)
    write(sheet, (14, 10, 90, 20), "9:41", ink)
    low = top + inner
    write(sheet, (14, low + 10, 320, 24), desk.random.choice(SAYINGS), ink)
    for n, words in enumerate(("2.1K likes", "340 shares", "88 replies")):
        write(sheet, (14 + 112 * n, low + 46, 100, 18), words, pale)
    draw.line((0, low + 74, width, low + 74), fill=pale)
    draw.rectangle((0, height - 48, width, height), fill=pale)
    sheet.paste((0, 0, 0, 0), (0, top, width, low))  # a hole for the film
    graph = (
        f"[v]{filling(width, inner)},pad={width}:{height}:0:{top}[film];"
        f"[film]{desk.image(sheet)}overlay[out]"
    )
    return Recipe(graph, desk.whole())


@edit()
def phone_dark(desk: Desk) -> Recipe:
    """A post in a phone's interface, dark."""
    return phone(desk, "#15202b", "#f0f0f0", "#8899a6")


@edit()
def phone_light(desk: Desk) -> Recipe:
    """A post in a phone's interface, light."""
    return phone(desk, "#ffffff", "#101010", "#8a8a90")


@edit()
def caption_band(desk: Desk) -> Recipe:
    """A white band with a caption of two lines."""
    width, height = desk.size
    band = round(height * desk.between(0.2, 0.32) / 2) * 2
    sheet = Image.new("RGBA", (width, band), "white")
    for n, words in enumerate(desk.random.sample(SAYINGS, 2)):
        write(sheet, (8, round(band * (0.06 + 0.46 * n)), width - 16, round(band * 0.4)), words)
    label = desk.image(sheet)
    at = desk.random.choice([0, height])  # above or below
    pad = f"pad=iw:ih+{band}:0:{band if at == 0 else 0}"
    return Recipe(f"[v]{pad}[film];[film]{label}overlay=0:{at}[out]", desk.whole())


@edit()
def blurred_fill(desk: Desk) -> Recipe:
    """A blurred fill to 9:16 (upright footage: to 16:9) with text over it."""
    width, height = (640, 360) if desk.upright else (360, 640)
    sheet = Image.new("RGBA", (width, height // 7))
    write(sheet, (6, 0, width - 12, height // 7), desk.random.choice(SAYINGS), "white", edge=3)
    label = desk.image(sheet)
    y = round(height * desk.between(0.08, 0.8))
    graph = (
        f"[v]split[wide][fit];[wide]{filling(width, height)},boxblur=16,eq=brightness=-0.1[back];"
        f"[fit]scale={width}:{height}:force_original_aspect_ratio=decrease:force_divisible_by=2,"
        "setsar=1[front];[back][front]overlay=(W-w)/2:(H-h)/2[film];"
        f"[film]{label}overlay=0:{y}[out]"
    )
    return Recipe(graph, desk.whole())


@edit()
def emoji_border(desk: Desk) -> Recipe:
    """Faces, hearts and stars from edge to edge."""
    width, height = desk.size
    size = round(min(width, height) * desk.between(0.13, 0.2))
    sheet = Image.new("RGBA", (width, height))
    places = [
        *((x, y) for x in range(0, width, size) for y in (0, height - size)),
        *((x, y) for y in range(size, height - size, size) for x in (0, width - size)),
        *((desk.random.randrange(width), desk.random.randrange(height)) for _ in range(3)),
    ]
    for place in places:
        sheet.paste(drawn := face(desk, size), place, drawn)
    return Recipe(f"[v]{desk.image(sheet)}overlay[out]", desk.whole())


def face(desk: Desk, size: int) -> Image.Image:
    """A face, a heart or a star in one flat colour, as picture messages have them."""
    large = 8 * size
    picture = Image.new("RGBA", (large, large))
    draw = ImageDraw.Draw(picture)
    kind = desk.random.choice(["face", "heart", "star"])
    if kind == "face":
        draw.ellipse((0.04 * large,) * 2 + (0.96 * large,) * 2, fill="#ffcc22")
        for x in (0.33, 0.67):
            draw.ellipse(tuple(large * v for v in (x - 0.07, 0.3, x + 0.07, 0.48)), fill="#553300")
        draw.chord(tuple(large * v for v in (0.25, 0.4, 0.75, 0.85)), 0, 180, fill="#883311")
    elif kind == "heart":
        for x in (0.06, 0.46):
            draw.ellipse(tuple(large * v for v in (x, 0.12, x + 0.48, 0.6)), fill="#e02040")
        draw.polygon(
            [(large * x, large * y) for x, y in ((0.1, 0.46), (0.9, 0.46), (0.5, 0.94))],
            fill="#e02040",
        )
    else:
        points = []
        for n in range(10):
            radius, angle = large * (0.48 if n % 2 == 0 else 0.2), math.pi * (n / 5 - 0.5)
            points.append(
                (large / 2 + radius * math.cos(angle), large / 2 + radius * math.sin(angle))
            )
        draw.polygon(points, fill="#ff9900")
    return picture.resize((size, size), Image.Resampling.LANCZOS)


def picture_of(words: str, size: float, colour: str) -> Image.Image:
    """Words in one line, on nothing, as large as they are."""
    font = _font(size)
    left, top, right, bottom = (round(v) for v in font.getbbox(words))
    picture = Image.new("RGBA", (max(1, right - left) + 4, max(1, bottom - top) + 4))
    ImageDraw.Draw(picture).text((2 - left, 2 - top), words, fill=colour, font=font)
    return picture


def write(
    sheet: Image.Image,
    box: tuple[int, int, int, int],
    words: str,
    colour: str = "black",
    *,
    edge: int = 0,
) -> None:
    """Words in the middle of a box (left, top, width, height), as large as they fit."""
    left, top, width, height = box
    size = height * 0.75
    while size > 6 and _font(size).getlength(words) > width * 0.96:
        size *= 0.92
    ImageDraw.Draw(sheet).text(
        (left + width / 2, top + height / 2),
        words,
        fill=colour,
        font=_font(size),
        anchor="mm",
        stroke_width=edge,
        stroke_fill="black" if edge else None,
    )


def _font(size: float) -> ImageFont.FreeTypeFont:
    """Pillow's own font, so that none is needed on the machine."""
    return cast(ImageFont.FreeTypeFont, ImageFont.load_default(max(6.0, size)))
