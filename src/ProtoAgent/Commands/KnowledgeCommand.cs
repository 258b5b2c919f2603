using System.CommandLine;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace ProtoAgent.Commands;

/// <summary><c>protoagent knowledge</c>: what the running instance knows.</summary>
internal static class KnowledgeCommand
{
    private const int LongestLine = 160;

    public static Command Create()
    {
        var url = InstanceCall.Url();
        var command = new Command("knowledge", $"What the running instance knows.\n{InstanceCall.Codes}")
        {
            Search(url), KnowledgeIngestCommand.Create(url), Add(url), List(url), Sources(url), Show(url), Delete(url), Restore(url), Stats(url),
        };
        command.Options.Add(url);
        return command;
    }

    private static Command Search(Option<string?> url)
    {
        var query = new Argument<string>("query") { Description = "A question or words; \"words in quotes\" as a phrase, word* by its beginning." };
        var k = new Option<int>("-k") { Description = "How many at most.", DefaultValueFactory = _ => 10 };
        var (domain, @namespace) = (Domain(), Namespace());
        var command = new Command("search", "The best matches.") { query, k, domain, @namespace };
        command.SetAction((parsed, cancellation) => InstanceCall.WithAsync(parsed, url, http => KnowledgeCall.ShowAsync(
            http, parsed, With("/api/knowledge/search", ("q", parsed.GetRequiredValue(query)), ("k", $"{parsed.GetValue(k)}"), ("domain", parsed.GetValue(domain)), ("namespace", parsed.GetValue(@namespace))),
            KnowledgeCommandJson.Default.KnownChunkArray,
            chunks =>
            {
                foreach (var chunk in chunks)
                {
                    Console.Out.WriteLine(chunk.Line(LongestLine * 3));
                }

                Say(chunks.Length == 0, "Nothing matches.");
            },
            cancellation)));
        return command;
    }

    private static Command Add(Option<string?> url)
    {
        var content = new Argument<string>("content") { Description = "What is to be known." };
        var heading = new Option<string?>("--heading") { Description = "What it is about." };
        var (domain, @namespace) = (Domain(), Namespace());
        var command = new Command("add", "Put a note in, as an operator.") { content, heading, domain, @namespace };
        command.SetAction((parsed, cancellation) => InstanceCall.WithAsync(parsed, url, http => KnowledgeCall.SendAsync(
            http.PostAsJsonAsync(
                "/api/knowledge/chunks", new NewNote(parsed.GetRequiredValue(content), parsed.GetValue(heading), parsed.GetValue(domain), parsed.GetValue(@namespace)), KnowledgeCommandJson.Default.NewNote, cancellation),
            parsed, KnowledgeCommandJson.Default.KnownChunk,
            chunk => Console.Out.WriteLine(chunk.Outcome switch
            {
                "duplicate" => $"That is known already, as #{chunk.Id}.",
                "revised" => $"Kept as #{chunk.Id}, in place of #{chunk.Supersedes}.",
                _ => $"Kept as #{chunk.Id}.",
            }),
            cancellation)));
        return command;
    }

    private static Command List(Option<string?> url)
    {
        var limit = new Option<int>("--limit") { Description = "How many at most.", DefaultValueFactory = _ => 50 };
        var all = new Option<bool>("--all") { Description = "Also what was superseded, replaced, deleted or forgotten." };
        var (domain, @namespace) = (Domain(), Namespace());
        var command = new Command("list", "What is known, the newest first.") { limit, all, domain, @namespace };
        command.SetAction((parsed, cancellation) => InstanceCall.WithAsync(parsed, url, http => KnowledgeCall.ShowAsync(
            http, parsed,
            With("/api/knowledge/chunks", ("limit", $"{parsed.GetValue(limit)}"), ("include_invalid", parsed.GetValue(all) ? "true" : null), ("domain", parsed.GetValue(domain)), ("namespace", parsed.GetValue(@namespace))),
            KnowledgeCommandJson.Default.KnownChunkList,
            page =>
            {
                foreach (var chunk in page.Items)
                {
                    Console.Out.WriteLine(chunk.Line(LongestLine));
                }

                Say(page.Items.Count == 0, "Nothing is known yet. 'protoagent knowledge ingest <file, folder or url>' takes something in.");
                Say(page.Next is not null, "There is more: --limit shows up to 500.");
            },
            cancellation)));
        return command;
    }

    private static Command Sources(Option<string?> url)
    {
        var all = new Option<bool>("--all") { Description = "Also those that were deleted and can be restored." };
        var command = new Command("sources", "The documents that were taken in.") { all };
        command.SetAction((parsed, cancellation) => InstanceCall.WithAsync(parsed, url, http => KnowledgeCall.ShowAsync(
            http, parsed, With("/api/knowledge/sources", ("limit", "500"), ("include_deleted", parsed.GetValue(all) ? "true" : null)), KnowledgeCommandJson.Default.KnownSourceList,
            page =>
            {
                TextTable.Write(Console.Out, ["source", "title", "type", "trust", "domain", "chunks", "ingested"], page.Items.Select(s =>
                    (string[])[s.Source, s.Title, s.SourceType, s.Trust, s.Domain, $"{s.Chunks}", $"{s.IngestedAt:yyyy-MM-dd HH:mm}Z{(s.DeletedAt is null ? "" : " (deleted)")}"]));
                Say(page.Next is not null, "There are more; GET /api/knowledge/sources has them all.");
            },
            cancellation)));
        return command;
    }

    private static Command Show(Option<string?> url)
    {
        var id = Id();
        var command = new Command("show", "One chunk, whole, with the versions it took the place of.") { id };
        command.SetAction((parsed, cancellation) => InstanceCall.WithAsync(parsed, url, http => KnowledgeCall.ShowAsync(
            http, parsed, $"/api/knowledge/chunks/{parsed.GetRequiredValue(id)}", KnowledgeCommandJson.Default.KnownChunk,
            chunk =>
            {
                foreach (var version in (KnownChunk[])[chunk, .. chunk.Earlier ?? []])
                {
                    Console.Out.WriteLine($"{version.Line(0)}\n{version.Content}\n");
                }
            },
            cancellation)));
        return command;
    }

    private static Command Delete(Option<string?> url)
    {
        var id = new Argument<long?>("id") { Arity = ArgumentArity.ZeroOrOne, Description = "Of one chunk, which then is gone for good." };
        var source = new Option<string?>("--source") { Description = "All of a source instead; 'restore' brings it back for some time." };
        var command = new Command("delete", "Take a chunk, or a source, out.") { id, source };
        command.Validators.Add(result =>
        {
            // Whether they are there, and not their values: those that can't be read are complained about already, and throw.
            if (result.GetResult(id) is { Tokens.Count: > 0 } == result.GetResult(source) is not null)
            {
                result.AddError("Name either a chunk's id or a --source.");
            }
        });
        command.SetAction((parsed, cancellation) => InstanceCall.WithAsync(parsed, url, http => parsed.GetValue(source) is { } name
            ? BySourceAsync(http, parsed, "delete", name, cancellation)
            : KnowledgeCall.SendAsync(http.DeleteAsync($"/api/knowledge/chunks/{parsed.GetValue(id)}", cancellation), parsed, () => Console.Out.WriteLine("Deleted."), cancellation)));
        return command;
    }

    private static Command Restore(Option<string?> url)
    {
        var source = new Argument<string>("source") { Description = "As 'protoagent knowledge sources --all' shows it." };
        var command = new Command("restore", "Bring a deleted source back.") { source };
        command.SetAction((parsed, cancellation) => InstanceCall.WithAsync(parsed, url, http => BySourceAsync(http, parsed, "restore", parsed.GetRequiredValue(source), cancellation)));
        return command;
    }

    private static Command Stats(Option<string?> url)
    {
        var command = new Command("stats", "How much is known.");
        command.SetAction((parsed, cancellation) => InstanceCall.WithAsync(parsed, url, http => KnowledgeCall.ShowAsync(
            http, parsed, "/api/knowledge/stats", KnowledgeCommandJson.Default.KnownStats,
            stats =>
            {
                Console.Out.WriteLine($"chunks      {stats.Chunks}");
                foreach (var (domain, chunks) in stats.ByDomain)
                {
                    Console.Out.WriteLine($"  {domain}  {chunks}");
                }

                Console.Out.WriteLine($"documents   {stats.Documents}\nsuperseded  {stats.Superseded}\nembeddings  {stats.EmbeddingModel ?? "none"}{(stats.EmbeddingsReady ? "" : " (down)")}");
            },
            cancellation)));
        return command;
    }

    private static Task<int> BySourceAsync(HttpClient http, ParseResult parsed, string what, string source, CancellationToken cancellation) => KnowledgeCall.SendAsync(
        http.PostAsJsonAsync($"/api/knowledge/{what}-by-source", new SourceName(source), KnowledgeCommandJson.Default.SourceName, cancellation),
        parsed, KnowledgeCommandJson.Default.SourceCount,
        counted => Console.Out.WriteLine(counted.Chunks == 0 ? $"There is nothing to {what} of '{source}'." : $"{counted.Chunks} chunks of '{source}' {what}d."),
        cancellation);

    public static Option<string?> Domain() => new("--domain") { Description = "What kind of knowledge." };

    public static Option<string?> Namespace() => new("--namespace") { Description = "A part of the knowledge kept apart." };

    private static Argument<long> Id() => new("id") { Description = "The number shown behind #." };

    private static string With(string path, params ReadOnlySpan<(string Name, string? Value)> query)
    {
        var given = new List<string>();
        foreach (var (name, value) in query)
        {
            if (value is not null)
            {
                given.Add($"{name}={Uri.EscapeDataString(value)}");
            }
        }

        return given.Count == 0 ? path : $"{path}?{string.Join('&', given)}";
    }

    private static void Say(bool when, string text)
    {
        if (when)
        {
            Console.Error.WriteLine(text);
        }
    }
}
