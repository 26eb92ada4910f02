"""Encodings of short files without a mark: which one it is, and what is said where others fit as well."""

from __future__ import annotations

from pathlib import Path

from orrery_engine.readers.text import encodings
from tests.engine.readers.test_reading_kinds import read

TEXTS = {
    "latin9": "Œuvre;5 €\ncœur;3 €\nŠárka;9\n",
    "german": "Müller;Köln\nGroß;Zürich\nWeiß;Düsseldorf\n",
    "french": "café;élève\nété;garçon\nforêt;où\n",
    "spanish": "niño;España\naño;corazón\nmañana;Málaga\n",
    "czech": "Plzeň;žlutý\nČáslav;kůň\nŘehoř;přímo\n",
    "polish": "Łódź;żółty\nKraków;gęś\nGdańsk;ćma\n",
    "hungarian": "Győr;tűz\nőszi;fű\nPécs;hét\n",
    "russian": "Москва;кошка\nпривет;мир\nИван;Петров\n",
    "greek": "Αθήνα;γάτα\nΚαλημέρα;κόσμε\nΝίκος;Παπάς\n",
    "turkish": "İstanbul;ağaç\nşeker;ığdır\nçiçek;gül\n",
    "hebrew": "שלום;עולם\nירושלים;חתול\nדוד;משה\n",
    "japanese": "東京;猫です\nこんにちは;日本\nカタカナ;漢字\n",
    "mixed": "apple façade;Ærø\nMálaga;façade\nKöln;niño\nplain;Ærø\n",
    "swedish": "Åsa;Växjö\nBjörn;Malmö\nÖrebro;Gävle\n",
}
WRITTEN = (
    ("latin9", "iso8859-15"),
    *(("german", codec) for codec in ("cp1252", "mac_roman", "cp850", "cp437", "latin_1")),
    *(("french", codec) for codec in ("cp1252", "mac_roman", "cp850", "cp437")),
    *(("spanish", codec) for codec in ("cp1252", "mac_roman", "cp850", "cp437")),
    ("mixed", "cp1252"),
    *(("swedish", codec) for codec in ("cp1252", "mac_roman", "cp850")),
    *((name, codec) for name in ("czech", "polish", "hungarian") for codec in ("cp1250", "iso8859-2", "cp852")),
    *(("russian", codec) for codec in ("cp1251", "koi8_r", "cp866", "iso8859-5")),
    *(("greek", codec) for codec in ("cp1253", "iso8859-7")),
    ("turkish", "cp1254"),
    ("hebrew", "cp1255"),
    *(("japanese", codec) for codec in ("cp932", "euc_jp")),
)  # fmt: skip


def test_short_files_are_read_as_they_were_written() -> None:
    for name, codec in WRITTEN:
        for text in (TEXTS[name], "name;x\n" + TEXTS[name], "a;b\n" + TEXTS[name] * 200):
            data = text.encode(codec)
            own = encodings.detect(data)
            assert own.assumed
            assert data.decode(own.name) == text, (name, codec, own)


def test_where_others_fit_as_well_they_are_named(tmp_path: Path) -> None:
    # One letter alone is a word in several encodings.
    for text, codec in (("caf\xe9", "cp1252"), ("Šárka", "cp1250"), ("привет", "mac_cyrillic")):
        data = f"n;v\n{text};1\nb;2\n".encode(codec)
        _, rows, notes = read(tmp_path / "x.csv", data)
        own = encodings.detect(data)
        fitting = [data.decode(item) for item in (own.name, *own.others)]
        assert f"n;v\n{text};1\nb;2\n" in fitting, (text, own)
        assert "The file is no valid UTF-8; it was read as " in notes
        assert bool(own.others) == ("That is not certain" in notes)
        assert len(rows) == 2


def test_a_few_lines_of_another_encoding_do_not_change_the_others(tmp_path: Path) -> None:
    lines = ["Zürich;1", "Málaga;2", "Москва;3", "plain;4"]
    for ending, place in (("csv", 0), ("csv", 2), ("txt", 3)):
        data = [f"{line}\n".encode() for line in lines]
        data.insert(place, "été;9\n".encode("latin-1"))
        _, rows, notes = read(tmp_path / f"x.{ending}", b"n;v\n" + b"".join(data))
        assert [row[0] for row in rows if row[1] != 9] == ["Zürich", "Málaga", "Москва", "plain"]
        assert [row[0] for row in rows if row[1] == 9] == ["\ufffdt\ufffd"]
        assert "2 bytes are no characters in UTF-8" in notes
        assert "read as" not in notes


WIDE = {
    "gb18030": ["东京\n大阪", "北京\n上海\n广州", "张伟\n王芳\n李娜", "产品名称,数量\n苹果,3\n香蕉,5"],
    "big5": ["台北\n高雄", "張偉\n王芳", "產品名稱,數量\n蘋果,3", "資料分析報告本季銷售額增長"],
    "cp932": ["東京\n大阪", "こんにちは", "名前,数量\nりんご,3\nバナナ,4", "株式会社山田商店"],
    "euc_jp": ["こんにちは", "名前,数量\nりんご,3\nバナナ,4", "データ分析レポート"],
    "cp949": ["서울\n부산", "안녕하세요", "이름,수량\n사과,3\n바나나,5", "김철수\n이영희"],
}  # fmt: skip
AMBIGUOUS = {"gb18030": ["中国", "客户"], "big5": ["中國"], "euc_jp": ["東京\n大阪", "日本"]}


def test_few_characters_of_east_asia_are_read_by_what_is_usual_there() -> None:
    for codec, texts in WIDE.items():
        for text in texts:
            assert encodings.detect(text.encode(codec)).name == codec, (codec, text)
    for codec, texts in AMBIGUOUS.items():
        for text in texts:
            own = encodings.detect(text.encode(codec))
            assert codec in (own.name, *own.others), (codec, text)


def test_lines_of_utf8_among_those_of_another_encoding_are_said(tmp_path: Path) -> None:
    own = "".join(f"{number},Zoë {number}\n" for number in range(9)).encode()
    other = "".join(f"{number},René {number}\n" for number in range(20)).encode("cp1252")
    _, rows, notes = read(tmp_path / "x.csv", b"id,name\n" + own + other)
    assert len(rows) == 29
    assert "9 of its first 29 lines beyond ASCII are valid UTF-8" in notes
    assert "valid UTF-8, as" not in read(tmp_path / "x.csv", b"id,name\n" + other)[2]
