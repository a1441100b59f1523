"""How a page shows a picture of its site."""

import pytest

from app.publishing.text.markdown import LocalPicture, picture_tag

SIZES = "(min-width: 48rem) 44rem, 94vw"


def test_a_picture_without_other_sizes_is_an_image():
    tag = picture_tag(LocalPicture("m/rain.png", 640, 480), alt="Rain")

    assert tag == '<img src="m/rain.png" alt="Rain" width="640" height="480" loading="lazy" decoding="async">'


def test_webp_is_offered_before_the_type_of_the_original():
    sources = (
        ("m/rain-960.webp", 960, "image/webp"),
        ("m/rain-480.webp", 480, "image/webp"),
        ("m/rain-480.png", 480, "image/png"),
    )

    tag = picture_tag(LocalPicture("m/rain.png", 1280, 960, sources=sources), alt="", loading="eager")

    assert tag == (
        f'<picture><source type="image/webp" srcset="m/rain-480.webp 480w, m/rain-960.webp 960w" sizes="{SIZES}">'
        f'<img src="m/rain.png" srcset="m/rain-480.png 480w, m/rain.png 1280w" sizes="{SIZES}" alt=""'
        ' width="1280" height="960" loading="eager" decoding="async"></picture>'
    )


def test_smaller_versions_of_the_same_type_need_no_picture_element():
    tag = picture_tag(LocalPicture("m/a.webp", 900, 600, sources=(("m/b.webp", 450, "image/webp"),)), alt="")

    assert tag.startswith('<img src="m/a.webp" srcset="m/b.webp 450w, m/a.webp 900w"')


def test_better_types_come_first_whatever_the_order():
    sources = (("a.webp", 9, "image/webp"), ("a.avif", 9, "image/avif"), ("a.gif", 9, "image/gif"))

    tag = picture_tag(LocalPicture("a.png", sources=sources), alt="")

    assert [part.split('"')[0] for part in tag.split('type="')[1:]] == ["image/avif", "image/webp", "image/gif"]


@pytest.mark.parametrize("name", ["a b.webp", "a,b.webp", "雨.webp", 'a".webp'])
def test_no_name_of_a_file_breaks_the_list_of_sizes(name):
    tag = picture_tag(LocalPicture("a.png", sources=((name, 9, "image/webp"),)), alt="")

    srcset = tag.split('srcset="')[1].split('"')[0]
    assert srcset.isascii()
    assert srcset.count(" ") == 1
    assert "," not in srcset


def test_words_beside_a_picture_stay_words():
    tag = picture_tag(LocalPicture('"x"'), alt='" onload="alert(1)', title="<b>")

    assert tag == (
        '<img src="&quot;x&quot;" alt="&quot; onload=&quot;alert(1)" title="&lt;b&gt;"'
        ' loading="lazy" decoding="async">'
    )
