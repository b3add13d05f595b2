"""The course: chapters and models as static pages, served on loopback. Knows numbers only as the engine gives them."""
