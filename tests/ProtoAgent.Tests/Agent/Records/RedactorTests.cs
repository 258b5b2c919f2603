using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CsCheck;
using ProtoAgent.Agent.Records;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Agent.Records;

public sealed class RedactorTests
{
    private const string Known = "p\"ä/ss+w\\ord";

    private readonly Redactor _redactor = new([Known, "plainvalue99", "cret9x", "secret-of-cret9x", null, "abc", ""]);

    /// <summary>A text, what must not be left of it, and what must.</summary>
    public static TheoryData<string, string, string> Scenarios => new()
    {
        // Known values.
        { "say plainvalue99.", "plainvalue", "say [redacted]." },
        { "abc is too short to be a secret", "redacted", "abc" },
        { "secret-of-cret9x", "secret-of", "[redacted]" },
        { $"raw {Known} end", "ord", "raw [redacted] end" },
        { $"url {Uri.EscapeDataString(Known)} end", "ord", "url [redacted] end" },
        { $"url {Uri.EscapeDataString(Known).ToLowerInvariant()} end", "ord", "url [redacted] end" },
        { $"form {WebUtility.UrlEncode(Known)} end", "ord", "form [redacted] end" },
        { $"not whole: {{\"a\": {JsonSerializer.Serialize(Known)}", "ord", "not whole" },
        { $"twice: {JsonSerializer.Serialize(JsonSerializer.Serialize(new JsonArray(Known)))[..^2]}", "ord", "twice" },
        { $"log {Base64("plainvalue99")}", "cGxhaW52YWx1ZT", "log [redacted]" },
        { $"log {Base64("user:plainvalue99")}", "bHVlOT", "log " },
        { $"log {Base64("u:plainvalue99:x")}", "aW52YWx1", "log " },

        // Keys by their looks.
        { "key sk-abcdefghijklmnop1234", "abcdef", "key [redacted]" },
        { "ANTHROPIC=sk-ant-api03-AbCd_ef-gh1234567890", "AbCd", "ANTHROPIC=[redacted]" },
        { "%3Dsk-proj-abcd1234efgh5678", "abcd", "%3D[redacted]" },
        { "ghp_0123456789abcdefghijABCDEFGHIJ012345", "0123", "[redacted]" },
        { "github_pat_11ABCDEFG0abcdefgh_ijklmnop", "ijkl", "[redacted]" },
        { "xoxb-123456789012-abcdefghij", "1234", "[redacted]" },
        { "id AKIAIOSFODNN7EXAMPLE", "IOSFO", "id [redacted]" },
        { "AIzaSyA-1234567890abcdefghijklmnopqrstu", "SyA", "[redacted]" },
        { "jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl!", "c2ln", "jwt [redacted]!" },
        { "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.", "eyJ", "[redacted]" },

        // By the name before it.
        { "Authorization: Bearer abcdef123456\nAccept: */*", "abcdef", "Accept: */*" },
        { "authorization: Digest username=\"bob\", response=\"6629fae49393a053\"", "6629", "authorization: [redacted]" },
        { "curl -H 'Authorization: Basic dXNlcjpwYXNz' https://x/y", "dXNl", "'Authorization: [redacted]' https://x/y" },
        { "OTEL_HEADERS=Authorization=Basic abc123==", "abc123", "Authorization=[redacted]" },
        { "sent bearer   abcdef123456, then", "abcdef", "then" },
        { "the bearer of bad news", "redacted", "the bearer of bad news" },
        { "https://x/y?user=bob&api_key=12345&z=1", "12345", "user=bob&api_key=[redacted]&z=1" },
        { "https://x/y?access_token=aa.bb-cc#frag", "aa.bb", "access_token=[redacted]" },
        { "DB_PASSWORD=a,b)c]d}e#hunter2", "hunter2", "DB_PASSWORD=[redacted]" },
        { "Server=x;Password=hunter2;Database=y", "hunter2", "Password=[redacted];Database=y" },
        { "next=%2Fa%3Ftoken%3Dhunter2", "hunter2", "token%3D[redacted]" },
        { "db:\n  password: correct horse battery\n  port: 1", "horse", "  port: 1" },
        { "client_secret: 'it''s'", "it", "client_secret: '[redacted]'" },
        { "DB_PASSWORD=hunter2 ./run", "hunter2", "DB_PASSWORD=[redacted] ./run" },
        { "x-api-key: hunter2", "hunter2", "x-api-key: [redacted]" },
        { "cut off {\"password\": \"hun\\\"ter2\", \"user\": \"bob\"", "ter2", "\"user\": \"bob\"" },
        { "cut off {\\\"password\\\":\\\"hunter2\\\",\\\"user\\\":\\\"bob\\\"", "hunter2", "bob" },
        { "password=\"never closed hunter2", "hunter2", "password=\"[redacted]" },
        { "postgres://bob:hunter2@db.example/x", "hunter2", "postgres://[redacted]@db.example/x" },
        { "https://ghs_token@github.com/a/b", "ghs", "@github.com/a/b" },
        { "https://example.com/@user and a@b.c", "redacted", "https://example.com/@user" },

        // Key blocks.
        { "a\n-----BEGIN RSA PRIVATE KEY-----\nMIIEow\n-----END RSA PRIVATE KEY-----\nb", "MIIE", "a\n[redacted]\nb" },
        { "-----BEGIN OPENSSH PRIVATE KEY-----\\nb3BlbnNzaC1r", "b3Bl", "[redacted]" },
        { "-----BEGIN CERTIFICATE-----\nMIIC\n-----END CERTIFICATE-----", "redacted", "MIIC" },

        // What is none.
        { "max_tokens: 100, tokens = 5; a risk-averse-and-task-oriented-person", "redacted", "risk-averse-and-task-oriented-person" },
        { "no token here, nor a secret. password:", "redacted", "password:" },
        { "token: null, secret=true", "redacted", "token: null" },
        { "", "redacted", "" },

        // JSON as JSON.
        { """{"url":"http://x","body":{"Password":"hunter2","n":[1,2.50]}}""", "hunter2", """{"url":"http://x","body":{"Password":"[redacted]","n":[1,2.50]}}""" },
        { """{"pin":"p","clientSecret":123456,"api-key":["a1"]}""", "a1", """{"pin":"p","clientSecret":"[redacted]","api-key":"[redacted]"}""" },
        { """{"plainvalue99":1}""", "plain", """{"[redacted]":1}""" },
        { """["\u0070lainvalue\u0039\u0039"]""", "u0070", """["[redacted]"]""" },
        { """{"text":"{\"inner\":\"[\\\"plainvalue99\\\"]\",\"password\":\"hunter2\"}"}""", "hunter2", "inner" },
        { """{"half":"\ud800","password":"hunter2"}""", "hunter2", "half" },
        { "  { \"kept\" : \"as it is\" }  ", "redacted", "  { \"kept\" : \"as it is\" }  " },
    };

    [Theory]
    [MemberData(nameof(Scenarios))]
    public void Redact_AScenario_LeavesThisAndNotThat(string text, string mustNotContain, string mustContain)
    {
        var clean = _redactor.Redact(text);
        clean.ShouldNotContain(mustNotContain, Case.Sensitive);
        clean.ShouldContain(mustContain, Case.Sensitive);
        _redactor.Redact(clean).ShouldBe(clean, "a second time changes nothing");
    }

    [Fact]
    public void Redact_ANumberThatIsASecret_IsTakenOut() => new Redactor(["12345678"]).Redact("""{"n":12345678,"m":1}""").ShouldBe("""{"n":"[redacted]","m":1}""");

    [Fact]
    public void Redact_NothingSecret_IsTheSameObject()
    {
        var text = "nothing to see in " + DateTimeOffset.UnixEpoch.ToString("O", CultureInfo.InvariantCulture);
        _redactor.Redact(text).ShouldBeSameAs(text);
    }

    /// <summary>A secret of any characters, planted as a name, a value or in the middle of a text, in JSON in JSON.</summary>
    [Fact]
    public void Redact_ASecretAnywhereInNestedJson_NeverShows()
    {
        var secrets = Gen.Select(Gen.String[Gen.Char[' ', '~'], 6, 30], Gen.OneOf(Gen.Const(""), Gen.Const("ä"), Gen.Const("\""), Gen.Const("\\"), Gen.Const("日本"))).Select((a, b) => "Zq7" + a + b);
        Gen.Select(secrets, Gen.Int[0, 1_000_000]).Sample(
            (secret, seed) =>
            {
                var random = new Random(seed);
                var planted = Plant(random, secret, 3);
                var clean = new Redactor([secret]).Redact(planted);
                foreach (var text in Texts(JsonNode.Parse(clean)))
                {
                    text.ShouldNotContain(secret);
                }

                clean.ShouldNotContain(secret);
                clean.ShouldContain(Redactor.Mark);
            },
            iter: 2000);
    }

    /// <summary>Each would take hours of a method that goes over what it has seen again and again.</summary>
    [Theory]
    [InlineData("a")]
    [InlineData("aaaaaa")]
    [InlineData("eyJ")]
    [InlineData("eyJaaaaaaaaaaaaa.")]
    [InlineData("ask-")]
    [InlineData("token='")]
    [InlineData("token=\"\\")]
    [InlineData("password:")]
    [InlineData("bearer ")]
    [InlineData("://")]
    [InlineData("://a@")]
    [InlineData("-----BEGIN PRIVATE KEY")]
    [InlineData("-----END -----BEGIN PRIVATE KEY")]
    [InlineData("[")]
    [InlineData("{\"a\":")]
    [InlineData("\\\"")]
    [InlineData("secret-of-cret9x")]
    [InlineData("plainvalue9")]
    public void Redact_TenMegabytesOfWhatLooksLikeABeginning_Ends(string piece)
    {
        var text = new StringBuilder().Insert(0, piece, (10 << 20) / piece.Length).ToString();
        new Redactor(["aaaaaa", "plainvalue99", "cret9x", "secret-of-cret9x"]).Redact(text).Length.ShouldBeGreaterThan(0);
    }

    private static string Plant(Random random, string secret, int depth)
    {
        var text = "before " + secret + " behind";
        JsonNode value = random.Next(depth > 0 ? 5 : 2) switch
        {
            0 => JsonValue.Create(secret),
            1 => JsonValue.Create(text),
            2 => JsonValue.Create(Plant(random, secret, depth - 1)),
            3 => JsonNode.Parse(Plant(random, secret, depth - 1))!,
            _ => new JsonObject { [secret] = "x", ["a" + secret] = 2 },
        };
        JsonNode root = random.Next(2) == 0 ? new JsonArray(1, value, "z") : new JsonObject { ["first"] = true, ["second"] = value };
        return root.ToJsonString();
    }

    /// <summary>Every name and text, those of JSON in a text too.</summary>
    private static IEnumerable<string> Texts(JsonNode? node) => node switch
    {
        JsonObject map => map.SelectMany(p => Texts(p.Value).Append(p.Key)),
        JsonArray list => list.SelectMany(Texts),
        JsonValue value when value.TryGetValue(out string? text) => text.StartsWith('{') || text.StartsWith('[') && text != Redactor.Mark ? Inner(text).Append(text) : [text],
        _ => [],
    };

    private static List<string> Inner(string text)
    {
        try
        {
            return [.. Texts(JsonNode.Parse(text))];
        }
        catch (JsonException)
        {
            return [];
        }
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
