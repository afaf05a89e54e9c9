"""Render the project's sample clips, so that they carry nobody else's rights.

Everything is painted from seeded random numbers: the same seeds give the same pictures (the bytes
of the files also depend on the ffmpeg at hand). A scene is a class with `frame(time)`; upright
sprites, a textured ground and a height field are seen through one small pinhole camera, then the
picture is "developed" with lens softness, vignette and grain, because flat clean drawings have
few and ambiguous local features and would be a poor stand-in for real footage.

    surfaces   arrays and noise           colours    palettes
    sprites    paintings and their canvas camera     what the camera sees of them
    landscape  sky, floors, land          stage      things and people put into a scene
    people, things, town, port            what is painted
    scenes/    the places, one a file     sound      their sound
    films      frames to files            post       the lie: known footage reused
"""
