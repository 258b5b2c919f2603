using System.Text;
using System.Text.Json.Nodes;

namespace ProtoAgent.ProcessTests.Fuzz;

/// <summary>Values that break things: each was wrong for somebody's program.</summary>
internal static class FuzzValues
{
    public static readonly string[] Texts =
    [
        "", " ", "\0", "a\0b", "..", "../..", "../../../../etc/passwd", "/", "\\", "a/b", "a%2Fb", "%00", "%", "null", "undefined", "NaN", "-1", "0", "1e999", "true",
        "ünïcödé", "日本語", "🙂", "\u202Eevil", "\uFEFF", "\uFFFD", "\r\nX-Evil: 1", "<script>", "'; DROP TABLE turns; --", "{{inputs.x}}", "${HOME}", "$(id)", "`id`", "%s%n", "{0}",
        "/tool calculator {", "/nothing", "task:x", "incognito:x", "system:activity", "a\tb", "con", "knowledge", "memory", ".", "-", "--help", "*", "\"", "\\\"", "[]", "{}", "<think>",
        "2026-02-30T25:61:61Z", "every -1s", "99 99 99 99 99", "* * * * * * * *", "@never", "P1Y", "Europe/Atlantis",
    ];

    /// <summary>JSON that is none, or none that is asked for.</summary>
    public static readonly string[] Bodies =
    [
        "", " ", "null", "true", "0", "\"text\"", "[]", "[[]]", "{", "}", "[", "{\"", "{\"a\"", "{\"a\":", "{\"a\":}", "{,}", "{\"a\":1,}", "{a:1}", "{'a':1}", "tru", "nul", "-", "1.", "1e", "01",
        "\"\\u12\"", "\"\\ud800\"", "\"\\udc00\\ud800\"", "{}{}", "{} x", "/* */ {}", "// x\n{}", "{\"\":{}}", "{\"\\u0000\":1}", "\uFEFF{}", "[{},{}]", "{\"__proto__\":{}}", "{\"$ref\":\"#\"}", "{\"$type\":\"x\"}",
        "---\nname: x\n---\n", "name: x\nsteps: []\n", "a: &a [*a]\n", "a: b: c\n", "%YAML 9.9\n", "- - - - x\n", "!!binary x\n", "\t",
    ];

    public static readonly string[] Literals =
    [
        "null", "true", "false", "0", "-0", "-1", "1.5", "1e3", "1e999", "-1e999", "9223372036854775807", "9223372036854775808", "-9223372036854775809", "2147483648", "99999999999999999999999999",
        "0.1e-400", "[]", "{}", "[null]", "[1,\"a\",{}]", "{\"a\":{\"b\":[]}}", "\"\"", "\"x\"", "\"\\u0000\"", "\"\\ud83d\"", "\"..\"", "[[]]", "[\"\"]",
    ];

    public static readonly string[] Methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "FOO", "get", "G=T", "P\0ST", "", new string('A', 300)];

    public static readonly string[] MediaTypes =
    [
        "", "text/plain", "application/json; charset=utf-16", "application/json; charset=nonsense", "application/json;;;", "json", "application/x-www-form-urlencoded", "multipart/form-data",
        "multipart/form-data; boundary=", "multipart/form-data; boundary=x", "multipart/form-data; boundary=\"" + new string('b', 300) + "\"", "text/markdown", "application/yaml", "application/problem+json", "*/*", "a/b/c", "\0",
    ];

    public static readonly (string Name, string Value)[] Headers =
    [
        ("Accept", "text/markdown"), ("Accept", "text/event-stream"), ("Accept", "*/*;q=nonsense"), ("Accept", ",,,"), ("Accept", "application/json;q=0"), ("Authorization", "Bearer "), ("Authorization", "Basic eDp5"),
        ("Authorization", "Bearer \xff\xfe"), ("Origin", "null"), ("Origin", "https://evil.example"), ("Origin", "://"), ("Host", "evil.example"), ("Host", ""), ("Host", "localhost:99999"), ("Host", "[::1"), ("Host", "a b"),
        ("Last-Event-ID", "-1"), ("Last-Event-ID", "99999999999999999999"), ("Last-Event-ID", "x"), ("X-Session-Id", ".."), ("X-Session-Id", "\x01"), ("X-Session-Id", "incognito:x"), ("If-None-Match", "*"), ("Range", "bytes=0-0,-1"),
        ("Expect", "100-continue"), ("Expect", "the impossible"), ("Connection", "upgrade"), ("Connection", "close"), ("Upgrade", "websocket"), ("Upgrade", "h2c"), ("Content-Encoding", "gzip"), ("Transfer-Encoding", "gzip"),
        ("Transfer-Encoding", "identity"), ("Cookie", "a=b; =; ;;"), ("X-Forwarded-For", "::::"), ("X-HTTP-Method-Override", "DELETE"), ("A2A-Version", "9.9"), ("Mcp-Session-Id", "x"), ("MCP-Protocol-Version", "x"),
        ("", "no colon"), ("Bad Name", "x"), ("X\0Y", "x"), ("X-Nul", "a\0b"), (" folded", "x"), ("X-High", "\xe9\xff"),
    ];

    public static string Pick(this Random random, string[] from) => from[random.Next(from.Length)];

    /// <summary>Long, deep or wild; seldom so long that it costs.</summary>
    public static string Text(this Random random) => random.Next(12) switch
    {
        0 => new string((char)random.Next('a', 'z'), random.Next(1, random.Next(60) == 0 ? 200_000 : 3_000)),
        1 => string.Concat(Enumerable.Range(0, random.Next(1, 30)).Select(_ => char.ConvertFromUtf32(random.Next(2) == 0 ? random.Next(1, 0xD7FF) : random.Next(0x10000, 0x10FFFF)))),
        _ => random.Pick(Texts),
    };

    public static string Literal(this Random random) => random.Next(10) switch
    {
        0 => JsonValue.Create(random.Text())!.ToJsonString(),
        1 => Deep(random.Next(2, random.Next(20) == 0 ? 20_000 : 200), random.Next(3)),
        2 => new string('9', random.Next(1, 400)),
        _ => random.Pick(Literals),
    };

    public static string Deep(int levels, int kind) => kind switch
    {
        0 => new string('[', levels) + new string(']', levels),
        1 => new string('[', levels),
        _ => string.Concat(Enumerable.Repeat("{\"a\":", levels)) + "1" + new string('}', levels),
    };

    /// <summary>A segment of a path as it goes over the wire.</summary>
    public static string Segment(this Random random) => random.Next(8) switch
    {
        0 => random.Pick(["%00", "%2F", "%252F", "%2e%2e", "..", ".", "%", "%zz", "%c0%af", "%ff", "%ed%a0%80", ";", "a;b=c", "{id}", "*", "a%0d%0ab", "%20", "+", "~", "\\", "|", "\"", "<>"]),
        1 => new string('x', random.Next(1, 7_000)),
        2 => random.Next().ToString(),
        3 => Guid.NewGuid().ToString().Replace('-', random.Pick(["-", "_", "x"])[0]),
        4 => "-" + random.Next(),
        _ => Uri.EscapeDataString(random.Text()) is { Length: < 7_000 } text ? text : "long",
    };

    public static byte[] Utf8(string text) => new UTF8Encoding(false).GetBytes(text);
}
