"""Lines that somebody might pass to a magic to make it do more than it says."""

from __future__ import annotations

STRINGS = [
    "'", '"', "`", "\\", "'\"'", '"""', "'''", "a'b", 'a"b', "'a b", '"a b', "a\\", "\\'", '\\"',
    "$(touch {canary})", "`touch {canary}`", "; touch {canary}", "& touch {canary}", "| touch {canary}",
    "|| touch {canary}", "&& touch {canary}", "> {canary}", ">> {canary}", "< /etc/passwd", "!touch {canary}",
    "!!touch {canary}", "x; !touch {canary}", "$HOME", "${HOME}", "$$", "$0", "$@", "%HOME%", "~", "~root",
    "{open('{canary}','w')}", "{{7*7}}", "{7*7}", "${7*7}", "$x", "${x}", "#{7*7}", "<%= 7*7 %>", "{% debug %}",
    "__import__('os').system('touch {canary}')", "{__import__('os').system('touch {canary}')}",
    "eval(\"open('{canary}','w')\")", "exec('import os')", "lambda: 0", "@{canary}", "@/etc/passwd", "%(x)s", "%s%s%n",
    "%run {canary}", "%%bash", "%%writefile {canary}", "%system touch {canary}", "%sx touch {canary}",
    "-", "--", "---", "-x", "-x -x", "-h", "--help", "--version", "-c", "-o x", "--output={canary}", "--upload-pack=x",
    "--tags", "--scope", "--scope=evil", "--scope everyone --scope mine", "--project=../../x", "--", "-- -x", "-x=1",
    "=", "==", "=x", "x=", "x==y", "1=", "=1", "1=$(id)", "df={canary}", "df=`id`", "df=${2:x}", "0=x", "-1=x", "1e3=x",
    "99999999999999999999=x", "A=1 A=2", "LAKE=$(id)", "LAKE=../../..", "DATAFRAME=__import__('os')",
    "../../etc/passwd", "..%2f..%2fetc%2fpasswd", "%2e%2e/", "/proc/self/environ", "C:\\windows", "\\\\host\\share",
    "file:///etc/passwd", "http://169.254.169.254/", "library:x:../../y", "snippets/s1", "s1/versions", "s1?x=1", "s1#x",
    "a\x00b", "\x00", "\x01\x02", "\x1b[2J", "\x1b]0;owned\x07", "a\tb", "a\x0bb", "a\x85b", "\u2028", "\u202eabc",
    "\u200b", "\ufeff", "\ud800", "\U0001f600", "é", "e\u0301", "İ", "ß", "ﬁ", "\uff11", "中文", "שלום", "a" * 5_000,
    "a " * 2_000, "'" * 999, '"' * 1_001, "(" * 500, "[" * 500, "\\" * 999, "$" * 999, "-x " * 200, "x=y " * 300,
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "\"><svg/onload=alert(1)>", "javascript:alert(1)",
    "' OR '1'='1", "'; DROP TABLE snippets; --", "\" OR \"\"=\"", "1; ATTACH 'x'", "null", "None", "true", "NaN", "-0", "1e999",
    "__proto__", "constructor", "__class__", "list", "save", "delete", "insert", "insert insert", "show", "favourite",
    "save --input", "save x --input 1;2", "save x --input ../1", "save x --input ~1/1", "save x --input -1", "save x --input 1-",
    "!!python/object/apply:os.system ['touch {canary}']", "&a *a", "{\"a\": 1}", "[1,2]", "q=1&tag=2", "q%00=1", "\"q\r\nX: y\"",
]  # fmt: skip
