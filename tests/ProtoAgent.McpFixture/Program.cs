using System.Text.Json.Nodes;

// An MCP server by hand, one JSON-RPC message a line, so that the tests do not show a library to itself.
//   fail    says why on stderr and ends at once
//   modern  knows server/discover and no initialize
//   deaf    never answers
if (args.Contains("fail"))
{
    Console.Error.WriteLine("the fixture can't find its token");
    return 3;
}

var modern = args.Contains("modern");
var tools = new List<JsonObject>
{
    Tool("echo", """{"readOnlyHint":true}"""), Tool("env"), Tool("die"), Tool("slow", """{"idempotentHint":true}"""), Tool("picture"), Tool("refuse"), Tool("grow"), Tool("files/read"),
};
while (Console.ReadLine() is { } line)
{
    var message = JsonNode.Parse(line)!.AsObject();
    if (args.Contains("deaf") || message["id"] is not { } id)
    {
        if ((string?)message["method"] == "notifications/cancelled")
        {
            Console.Error.WriteLine("cancelled");
        }

        continue;
    }

    switch ((string?)message["method"])
    {
        case "initialize" when !modern:
            Answer(id, new JsonObject
            {
                ["protocolVersion"] = (string)message["params"]!["protocolVersion"]!,
                ["capabilities"] = JsonNode.Parse("""{"tools":{"listChanged":true}}"""),
                ["serverInfo"] = JsonNode.Parse("""{"name":"fixture","version":"1"}"""),
            });
            break;
        case "server/discover" when modern:
            Answer(id, JsonNode.Parse("""{"resultType":"complete","supportedVersions":["2026-07-28"],"capabilities":{"tools":{"listChanged":true}},"ttlMs":0,"cacheScope":"private"}""")!);
            break;
        case "subscriptions/listen":
            // Stays open; what it asked for is noted where a test can see it.
            tools.Add(Tool("listening"));
            Say(JsonNode.Parse("""{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}""")!);
            break;
        case "tools/list":
            Answer(id, new JsonObject { ["tools"] = new JsonArray([.. tools.Select(t => t.DeepClone())]), ["ttlMs"] = 0, ["cacheScope"] = "private", ["resultType"] = "complete" });
            break;
        case "tools/call":
            Call(id, (string)message["params"]!["name"]!, message["params"]!["arguments"]?.AsObject() ?? []);
            break;
        default:
            Say(new JsonObject { ["jsonrpc"] = "2.0", ["id"] = id.DeepClone(), ["error"] = JsonNode.Parse("""{"code":-32601,"message":"no such method"}""") });
            break;
    }
}

return 0;

void Call(JsonNode id, string name, JsonObject arguments)
{
    switch (name)
    {
        case "echo":
            Answer(id, Text((string?)arguments["text"] ?? "nothing"));
            break;
        case "env":
            Answer(id, Text(string.Join('\n', Environment.GetEnvironmentVariables().Keys.Cast<string>().Order(StringComparer.Ordinal).Select(k => $"{k}={Environment.GetEnvironmentVariable(k)}"))));
            break;
        case "die":
            Console.Error.WriteLine("dying as told");
            Environment.Exit(7);
            break;
        case "slow":
            break;
        case "picture":
            Answer(id, JsonNode.Parse("""{"content":[{"type":"text","text":"look"},{"type":"image","data":"AAECAw==","mimeType":"image/png"}],"structuredContent":{"size":4}}""")!);
            break;
        case "refuse":
            Answer(id, JsonNode.Parse("""{"content":[{"type":"text","text":"not on a Tuesday"}],"isError":true}""")!);
            break;
        case "grow":
            tools.Add(Tool("grown"));
            Say(JsonNode.Parse("""{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}""")!);
            Answer(id, Text("grown"));
            break;
        default:
            Answer(id, Text($"called {name}"));
            break;
    }
}

static JsonObject Text(string text) => new() { ["content"] = new JsonArray(new JsonObject { ["type"] = "text", ["text"] = text }), ["resultType"] = "complete" };

static JsonObject Tool(string name, string annotations = "{}") => new()
{
    ["name"] = name, ["description"] = $"the fixture's {name}", ["annotations"] = JsonNode.Parse(annotations),
    ["inputSchema"] = JsonNode.Parse("""{"type":"object","properties":{"text":{"type":"string"}}}"""),
};

static void Answer(JsonNode id, JsonNode result) => Say(new JsonObject { ["jsonrpc"] = "2.0", ["id"] = id.DeepClone(), ["result"] = result });

static void Say(JsonNode message) => Console.Out.WriteLine(message.ToJsonString());
