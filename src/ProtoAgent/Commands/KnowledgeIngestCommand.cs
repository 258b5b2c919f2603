using System.CommandLine;
using System.Net.Http.Json;
using System.Text.Json;

namespace ProtoAgent.Commands;

/// <summary><c>protoagent knowledge ingest</c>: files, folders and pages into the running instance's knowledge, which may be on another machine.</summary>
internal static class KnowledgeIngestCommand
{
    private const long AskFrom = 1 << 20;

    /// <summary>Kinds of files a folder is looked through for; a file named by itself is sent whatever it is.</summary>
    private static readonly string[] s_known =
    [
        ".md", ".markdown", ".mdx", ".html", ".htm", ".xhtml", ".pdf", ".csv", ".tsv", ".json", ".jsonl", ".ndjson", ".txt", ".text", ".log", ".rst", ".adoc", ".org", ".xml", ".yaml", ".yml", ".toml",
    ];

    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(100);

    public static Command Create(Option<string?> url)
    {
        var sources = new Argument<string[]>("source") { Arity = ArgumentArity.OneOrMore, Description = "Files, folders, http(s) addresses, or - for what comes on stdin (--title names it)." };
        var title = new Option<string?>("--title") { Description = "Its title, where it has none of its own." };
        var trust = new Option<string?>("--trust") { Description = "operator, agent or external. Files are an operator's by default, pages external." };
        trust.AcceptOnlyFromAmong("operator", "agent", "external");
        var (domain, @namespace) = (KnowledgeCommand.Domain(), KnowledgeCommand.Namespace());
        var command = new Command("ingest", "Take documents in: text, Markdown, HTML, PDF, CSV, JSON. Again brings them up to date.\nExit codes: 0 all are in, 1 some are not, 69 the instance isn't running.")
        {
            sources, title, trust, domain, @namespace,
        };
        command.SetAction((parsed, cancellation) => InstanceCall.WithAsync(parsed, url, async http =>
        {
            var fields = new Fields(parsed.GetValue(title), parsed.GetValue(domain), parsed.GetValue(@namespace), parsed.GetValue(trust));
            var items = new List<string>();
            foreach (var source in parsed.GetRequiredValue(sources))
            {
                if (Directory.Exists(source))
                {
                    items.AddRange(Walk(source));
                }
                else if (source == "-" || IsPage(source) || File.Exists(source))
                {
                    items.Add(source);
                }
                else
                {
                    Console.Error.WriteLine($"protoagent: '{source}' is no file, no folder and no http(s) address.");
                    return ExitCodes.Usage;
                }
            }

            if (items.Count > 1 && fields.Title is not null)
            {
                Console.Error.WriteLine("protoagent: --title is for one document; these are several.");
                return ExitCodes.Usage;
            }

            return await AllAsync(http, items, fields, CommandLine.Json(parsed), cancellation);
        }));
        return command;
    }

    private static async Task<int> AllAsync(HttpClient http, List<string> items, Fields fields, bool json, CancellationToken cancellation)
    {
        var done = new List<KnownIngest>();
        using (var bar = IngestBar.Start(items.Count, json))
        {
            foreach (var item in items)
            {
                bar.Begin(item);
                var outcome = await OneAsync(http, item, fields, bar, cancellation);
                done.Add(outcome);
                bar.End(item, outcome.Error);
            }
        }

        if (json)
        {
            Console.Out.WriteLine(JsonSerializer.Serialize([.. done], KnowledgeCommandJson.Default.KnownIngestArray));
        }
        else
        {
            Console.Out.WriteLine(
                $"{done.Count(d => d.Status == "done")} of {done.Count} documents are in ({done.Sum(d => d.Unchanged)} unchanged): {done.Sum(d => d.ChunksAdded)} pieces new, {done.Sum(d => d.ChunksKept)} kept, {done.Sum(d => d.ChunksRemoved)} removed.");
        }

        return done.TrueForAll(d => d.Status == "done" && d.Failed == 0) ? ExitCodes.Ok : ExitCodes.Problems;
    }

    private static async Task<KnownIngest> OneAsync(HttpClient http, string item, Fields fields, IngestBar bar, CancellationToken cancellation)
    {
        try
        {
            using var sent = IsPage(item)
                ? await http.PostAsJsonAsync("/api/knowledge/ingest", new WebIngest(item, fields.Title, fields.Domain, fields.Namespace, fields.Trust), KnowledgeCommandJson.Default.WebIngest, cancellation)
                : await UploadAsync(http, item, fields, cancellation);
            var body = await sent.Content.ReadAsStringAsync(cancellation);
            if (!sent.IsSuccessStatusCode)
            {
                return Failed(item, body.StartsWith('{') ? JsonSerializer.Deserialize(body, CommandJson.Default.Failure)?.Detail ?? body : body);
            }

            var ingest = JsonSerializer.Deserialize(body, KnowledgeCommandJson.Default.KnownIngest)!;
            while (!ingest.IsOver)
            {
                ingest = (await http.GetFromJsonAsync($"/api/knowledge/ingest/{ingest.IngestId}", KnowledgeCommandJson.Default.KnownIngest, cancellation))!;
                if (!ingest.IsOver)
                {
                    bar.Within(ingest.Pieces, ingest.AllPieces);
                    await Task.Delay(s_pause, cancellation);
                }
            }

            return ingest;
        }
        catch (Exception e) when (e is UnauthorizedAccessException or FileNotFoundException or DirectoryNotFoundException)
        {
            return Failed(item, e.Message);
        }
        catch (Exception e) when (e is IOException or HttpRequestException { HttpRequestError: not (HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError) })
        {
            // One document that is not taken says nothing of the next; that nobody is there does.
            return Failed(item, $"it did not get through: {(e.InnerException ?? e).Message}");
        }
    }

    private static async Task<HttpResponseMessage> UploadAsync(HttpClient http, string item, Fields fields, CancellationToken cancellation)
    {
        // The whole path names a file, so that it is the same document from wherever it is ingested again.
        await using var file = item == "-" ? Console.OpenStandardInput() : File.OpenRead(item);
        var source = item == "-" ? fields.Title ?? "stdin" : Path.GetFullPath(item);
        using var form = new MultipartFormDataContent();
        foreach (var (name, value) in new[] { ("source", source), ("title", fields.Title), ("domain", fields.Domain), ("namespace", fields.Namespace), ("trust", fields.Trust) })
        {
            if (value is not null)
            {
                form.Add(new StringContent(value), name);
            }
        }

        form.Add(new StreamContent(file), "file", Path.GetFileName(source) is { Length: > 0 } leaf ? leaf : "file");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/knowledge/ingest");
        request.Content = form;

        // Asked before it is sent: the instance says how much it takes, where else it would hang up in the midst of it.
        request.Headers.ExpectContinue = file.CanSeek && file.Length > AskFrom;
        return await http.SendAsync(request, cancellation);
    }

    private static KnownIngest Failed(string item, string why) => new("", item, "failed", 1, 1, 0, 1, 0, 0, 0, null, null, why);

    private static IEnumerable<string> Walk(string folder) => Directory.EnumerateFiles(
            folder, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.Hidden | FileAttributes.System | FileAttributes.ReparsePoint })
        .Where(f => s_known.Contains(Path.GetExtension(f).ToLowerInvariant())).Order(StringComparer.Ordinal);

    private static bool IsPage(string source) => Uri.TryCreate(source, UriKind.Absolute, out var url) && url.Scheme is "http" or "https";

    private sealed record Fields(string? Title, string? Domain, string? Namespace, string? Trust);
}
