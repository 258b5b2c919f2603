using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ProtoAgent.ProcessTests.Fuzz;

/// <summary>
/// Requests made from the description of the API and then broken. The n-th of a seed is the same wherever it is made: whatever
/// fails is made again from the two numbers.
/// </summary>
/// <param name="ids">What stands in the place of a path's parameter when it is to be one that exists.</param>
internal sealed class Fuzzer(JsonNode document, int seed, IReadOnlyList<string> ids)
{
    private readonly List<(string Method, string Path, JsonNode Operation)> _operations =
    [
        .. document["paths"]!.AsObject().SelectMany(p => p.Value!.AsObject().Select(o => (o.Key.ToUpperInvariant(), p.Key, o.Value!))),
    ];

    /// <summary>Doors of JSON-RPC, of which the description says no more than that.</summary>
    private static readonly string[] s_rpc = ["/a2a", "/mcp"];

    private static readonly string[] s_rpcMethods =
    [
        "SendMessage", "SendStreamingMessage", "GetTask", "ListTasks", "CancelTask", "SubscribeToTask", "GetExtendedAgentCard", "CreateTaskPushNotificationConfig", "GetTaskPushNotificationConfig",
        "message/send", "message/stream", "tasks/get", "tasks/cancel", "tasks/resubscribe", "tasks/pushNotificationConfig/set", "initialize", "ping", "tools/list", "tools/call", "prompts/get", "resources/read",
        "notifications/initialized", "logging/setLevel", "completion/complete", "rpc.discover", "", "../x",
    ];

    public FuzzRequest Make(int number)
    {
        var random = new Random(unchecked((seed * 1_000_003) + number));
        var (method, path, operation) = _operations[random.Next(_operations.Count)];
        var request = new FuzzRequest { Method = method, Target = Target(random, path, operation) };
        request.Headers.Add(("Host", "127.0.0.1"));
        var isRpc = method == "POST" && s_rpc.Contains(path);
        if (isRpc)
        {
            request.Headers.Add(("Accept", "application/json, text/event-stream"));
            request.Headers.Add(("A2A-Version", random.Pick(["1.0", "0.3"])));
        }

        if (isRpc || operation["requestBody"] is not null)
        {
            var (type, body) = isRpc ? ("application/json", Rpc(random)) : Body(random, path, operation["requestBody"]!["content"]!.AsObject());
            request.Headers.Add(("Content-Type", type));
            request.Body = FuzzValues.Utf8(body);
        }

        for (var i = random.Next(3); i > 0; i--)
        {
            Break(random, request);
        }

        return request;
    }

    private string Target(Random random, string path, JsonNode operation)
    {
        var target = string.Join('/', path.Split('/').Select(s => !s.Contains('{') ? s : s[..s.IndexOf('{')] + (random.Next(3) == 0 ? Uri.EscapeDataString(ids[random.Next(ids.Count)]) : random.Segment()) + s[(s.IndexOf('}') + 1)..]));
        var query = new List<string>();
        foreach (var parameter in operation["parameters"]?.AsArray() ?? [])
        {
            if ((string)parameter!["in"]! == "query" && random.Next(3) == 0)
            {
                query.Add($"{parameter["name"]}={Uri.EscapeDataString(Value(random, (string)parameter["name"]!, parameter["schema"]!))}");
            }
        }

        return query.Count == 0 ? target : $"{target}?{string.Join('&', query)}";
    }

    private static string Value(Random random, string name, JsonNode schema) => name == "wait" ? random.Pick(["0", "1", "-1", "61", "x"])
        : random.Next(4) == 0 ? Short(random)
        : schema["enum"] is JsonArray names ? (string)names[random.Next(names.Count)]!
        : (string?)schema["type"] switch
        {
            "integer" => random.Pick(["1", "2", "500", "501", "0", "-1", "99999999999", "1.5", "٣", " 1", "+1", "0x1"]),
            "boolean" => random.Pick(["true", "false", "1", "yes", "TRUE"]),
            _ => name == "cursor" ? Cursor(random) : Short(random),
        };

    private static string Short(Random random) => random.Text() is { Length: < 4000 } text ? text : "long";

    /// <summary>As lists give them, and as they don't.</summary>
    private static string Cursor(Random random)
    {
        var inner = random.Pick(["1", "-1", "99999999999999999999", "a:b", "1:x", "0:", ":", "[]", "{}", "\0", "9223372036854775807:x", "2026-01-01T00:00:00Z|x"]);
        return random.Next(2) == 0 ? inner : Convert.ToBase64String(FuzzValues.Utf8(inner)).TrimEnd('=').Replace('+', '-').Replace('/', '_');
    }

    private (string Type, string Body) Body(Random random, string path, JsonObject content)
    {
        var (type, body) = content.ElementAt(random.Next(content.Count));
        var text = type switch
        {
            "application/json" => Object(random, path, body!["schema"]!),
            "multipart/form-data" => $"--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{random.Text().Replace("\"", "", StringComparison.Ordinal)}\"\r\nContent-Type: {random.Pick(FuzzValues.MediaTypes)}\r\n\r\n{random.Text()}\r\n--x{random.Pick(["--\r\n", "", "\r\n", "--"])}",
            _ => random.Pick(["---\nname: greet\ndescription: d\n---\nText.\n", "name: letter\nsteps:\n  - {id: a, prompt: p}\n", random.Pick(FuzzValues.Bodies), random.Text()]),
        };
        return (type == "multipart/form-data" ? "multipart/form-data; boundary=x" : type, text);
    }

    /// <summary>An object of the schema, of whose fields some are left out, doubled, of another type, or none the schema has.</summary>
    private string Object(Random random, string path, JsonNode schema)
    {
        var known = Resolve(schema);
        var needed = (schema["allOf"]?[1]!["required"] ?? known["required"])?.AsArray().Select(n => (string)n!).ToHashSet() ?? [];
        var fields = new List<string>();
        foreach (var (name, field) in known["properties"]?.AsObject() ?? [])
        {
            // The more fields, the sooner one of them is refused, and nothing behind it is ever reached.
            if (needed.Contains(name) ? random.Next(10) > 0 : random.Next(4) == 0)
            {
                fields.Add($"{JsonSerializer.Serialize(name)}:{Field(random, path, name, field)}");
            }
        }

        if (random.Next(6) == 0)
        {
            fields.Add($"{JsonSerializer.Serialize(random.Text())}:{random.Literal()}");
        }

        if (fields.Count > 0 && random.Next(6) == 0)
        {
            fields.Add(fields[random.Next(fields.Count)]);
        }

        return $"{{{string.Join(',', fields)}}}";
    }

    private string Field(Random random, string path, string name, JsonNode? schema)
    {
        // Whole, these would start programs and instances, or wait: what is wrong with them is looked at, not what they do.
        if (name is "command" or "name" && (path.StartsWith("/api/fleet", StringComparison.Ordinal) || path.StartsWith("/api/mcp", StringComparison.Ordinal)))
        {
            return random.Pick(["\"\"", "\"..\"", "\"a/b\"", "\"\\u0000\"", "5", "null", "[]", "\"" + new string('n', 300) + "\""]);
        }

        if (random.Next(10) == 0)
        {
            return random.Literal();
        }

        return name switch
        {
            "schedule" => random.Pick(["\"0 9 1 1 *\"", "\"@daily\"", "\"2099-01-01T00:00\"", "\"every 99d\""]),
            "timezone" => random.Pick(["\"UTC\"", "\"Europe/Berlin\"", "\"Mars\""]),
            "messages" => $"[{{\"role\":{random.Pick(["\"user\"", "\"assistant\"", "\"system\"", "\"tool\"", "5"])},\"content\":{random.Pick(["\"hi\"", "[{\"type\":\"text\",\"text\":\"hi\"}]", "[{\"type\":\"image_url\"}]", random.Literal()])}}}]",
            "model" => random.Pick(["\"protoagent\"", "\"none\"", "\"\""]),
            "decision" => random.Pick(["\"approve\"", "\"deny\"", "\"maybe\""]),
            "priority" => random.Pick(["\"now\"", "\"next\"", "\"later\"", "\"never\""]),
            "url" => random.Pick(["\"http://127.0.0.1:9/\"", "\"file:///etc/passwd\"", "\"http://[::1]/\"", "\"http://169.254.169.254/\"", "\"//x\"", "\"http://\"", "\"javascript:0\""]),
            "session_id" or "id" or "user" => random.Next(2) == 0 ? JsonSerializer.Serialize(ids[random.Next(ids.Count)]) : JsonSerializer.Serialize(random.Text()),
            _ => Typed(random, path, schema),
        };
    }

    /// <param name="schema">Null, or true, for a field that may be anything.</param>
    private string Typed(Random random, string path, JsonNode? schema)
    {
        if (schema is null || Resolve(schema) is not { } known || known.GetValueKind() != JsonValueKind.Object)
        {
            return random.Literal();
        }

        var type = known["type"] is JsonArray several ? (string)several[0]! : (string?)known["type"];
        return type switch
        {
            "object" => Object(random, path, known),
            "array" => $"[{string.Join(',', Enumerable.Range(0, random.Next(3)).Select(_ => Typed(random, path, known["items"] ?? true)))}]",
            "integer" => random.Next(-1, 100).ToString(),
            "number" => random.Pick(["0", "0.5", "1", "-1"]),
            "boolean" => random.Pick(["true", "false"]),
            "string" => JsonSerializer.Serialize(random.Next(3) > 0 ? "hello" : random.Text()),
            _ => random.Literal(),
        };
    }

    private string Rpc(Random random)
    {
        var call = $"{{\"jsonrpc\":{random.Pick(["\"2.0\"", "\"2.0\"", "\"2.0\"", "\"1.0\"", "2"])},\"id\":{random.Pick(["1", "\"a\"", "null", "1.5", "[]", "-0", random.Literal()])},"
            + $"\"method\":{JsonSerializer.Serialize(random.Next(8) == 0 ? random.Text() : random.Pick(s_rpcMethods))},\"params\":{Params(random)}}}";
        return random.Next(10) switch { 0 => $"[{call},{call}]", 1 => $"[{call},5,null]", 2 => random.Pick(FuzzValues.Bodies), _ => call };
    }

    private string Params(Random random) => random.Next(5) switch
    {
        0 => random.Literal(),
        1 => $"{{\"message\":{{\"messageId\":{JsonSerializer.Serialize(random.Text())},\"role\":{random.Pick(["\"ROLE_USER\"", "\"user\"", "5"])},\"parts\":[{{\"text\":{JsonSerializer.Serialize(random.Text())}}}],\"taskId\":{random.Literal()},\"contextId\":{random.Literal()}}},\"configuration\":{random.Literal()}}}",
        2 => $"{{\"id\":{JsonSerializer.Serialize(ids[random.Next(ids.Count)])},\"historyLength\":{random.Literal()},\"pushNotificationConfig\":{{\"url\":\"http://127.0.0.1:9/\",\"token\":{random.Literal()}}}}}",
        3 => $"{{\"name\":{JsonSerializer.Serialize(random.Text())},\"arguments\":{random.Literal()},\"uri\":{random.Literal()},\"protocolVersion\":{random.Literal()},\"capabilities\":{random.Literal()}}}",
        _ => "{}",
    };

    private JsonNode Resolve(JsonNode schema) => schema switch
    {
        JsonObject when schema["$ref"] is { } reference => document["components"]!["schemas"]![((string)reference!).Split('/')[^1]]!,
        JsonObject when (schema["allOf"] ?? schema["anyOf"]) is JsonArray some => Resolve(some[0]!),
        _ => schema,
    };

    private static void Break(Random random, FuzzRequest request)
    {
        switch (random.Next(16))
        {
            case 0:
                request.Method = random.Pick(FuzzValues.Methods);
                break;
            case 1:
                request.Target = random.Pick(["*", "", "//", "http://evil.example/api/inbox", "http://127.0.0.1/healthz", "/api//inbox", request.Target + "/", request.Target + "//..//..", request.Target + "?" + new string('q', random.Next(9_000)),
                    request.Target + "?%", request.Target + "?a=%zz&=&&=;", request.Target + "#x", request.Target.ToUpperInvariant(), "/../../etc/passwd", request.Target + "\0", request.Target + " x", "/%2e%2e/%2e%2e/etc/passwd", request.Target + "?limit=1&limit=2"]);
                break;
            case 2:
                request.Version = random.Pick(["HTTP/1.0", "HTTP/1.0", "HTTP/2.0", "HTTP/9.9", "http/1.1", "", "HTTP/1.1 x"]);
                request.EndsHere = true;
                break;
            case 3 or 4:
                request.Headers.Add(FuzzValues.Headers[random.Next(FuzzValues.Headers.Length)]);
                break;
            case 5:
                request.Headers.RemoveAll(h => h.Name == random.Pick(["Host", "Content-Type", "Accept"]));
                break;
            case 6:
                request.Headers.RemoveAll(h => h.Name == "Content-Type");
                request.Headers.Add(("Content-Type", random.Pick(FuzzValues.MediaTypes)));
                break;
            case 7:
                request.Headers.Add(("X-Long", new string('h', random.Next(40_000))));
                break;
            case 8:
                request.Headers.AddRange(Enumerable.Range(0, random.Next(200)).Select(i => ($"X-{i}", "v")));
                break;
            case 9 when request.Body is not null:
                // Longer than what comes, shorter than it, or no length at all: what is over is the next request then, so there is none.
                request.Length = random.Pick(["-1", "x", "99999999999999999999", "0x10", "1 2", "", $"{request.Body.Length + random.Next(1, 9)}", "0", "1", "9999999"]);
                request.EndsHere = true;
                break;
            case 10 when request.Body is not null:
                var wrong = random.Pick(["", "zz\r\n", "5\r\nab", "ffffffffffffffff\r\nx", "-1\r\n", "3;ext=\"\r\nabc\r\n0\r\n\r\n", "0\r\nTrailer: x\r\n\r\n", "0\r\n\r\n"]);
                request.Chunks = random.Next(2) == 0 ? Chunked : _ => FuzzValues.Utf8(wrong);
                request.EndsHere = true;
                break;
            case 11 when request.Body is { Length: > 0 } whole:
                request.Body = whole[..random.Next(whole.Length)];
                break;
            case 12 when request.Body is { Length: > 0 } sound:
                for (var i = random.Next(1, 5); i > 0; i--)
                {
                    sound[random.Next(sound.Length)] = (byte)random.Next(256);
                }

                break;
            case 13 when request.Body is { Length: > 0 } text:
                var at = random.Next(text.Length);
                request.Body = [.. text[..at], .. random.Next(4) switch { 0 => [0xC0, 0xAF], 1 => [0xED, 0xA0, 0x80], 2 => new byte[] { 0xFF, 0xFE }, _ => [0x00] }, .. text[at..]];
                break;
            case 14 when request.Body is not null:
                request.Body = FuzzValues.Utf8(random.Next(8) == 0 ? FuzzValues.Deep(random.Next(20_000), random.Next(3)) : random.Pick(FuzzValues.Bodies));
                break;
            case 15 when request.Body is not null && random.Next(200) == 0:
                // Above what an instance takes.
                request.Body = FuzzValues.Utf8("{\"message\":\"" + new string('x', 6 << 20) + "\"}");
                break;
            default:
                break;
        }
    }

    private static byte[] Chunked(byte[] body)
    {
        using var chunks = new MemoryStream();
        foreach (var piece in body.Chunk(7))
        {
            chunks.Write(FuzzValues.Utf8($"{piece.Length:x}\r\n"));
            chunks.Write(piece);
            chunks.Write("\r\n"u8);
        }

        chunks.Write("0\r\n\r\n"u8);
        return chunks.ToArray();
    }
}
