using System.Diagnostics;
using System.Numerics.Tensors;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using ProtoAgent.Instances.Identity;
using ProtoAgent.Instances.Paths;
using ProtoAgent.Stores.Knowledge;

namespace ProtoAgent.Bench;

/// <summary>
/// 100,000 chunks: how fast they come in, how fast the file opens, and what a search takes through the native program's HTTP, beside FTS5
/// scoring every match on the same file, and beside reading the vectors' bytes once.
/// </summary>
internal static class Scale
{
    private const int Chunks = 100_000;
    private const int InOne = 1_000;
    private const int OneByOne = 1_000;
    private const int Queries = 400;
    private const int Best = 10;

    public static async Task RunAsync(string program, string homes, HashedModel model)
    {
        var paths = InstancePaths.Resolve(
            new InstanceIdentity(InstanceId.Parse("scale", "bench"), InstanceIdSource.Environment, "bench"), AgentName.Parse(AgentName.Default, "bench"), new DataHome(Path.Combine(homes, ".protoagent"), "bench"));
        var corpus = new Corpus();
        await FillAsync(paths, corpus);
        using var words = Subject.Start(program, port => ["serve", "--port", $"{port}"], homes, "scale");
        using var http = Client(words);
        var clock = Stopwatch.GetTimestamp();
        await http.GetStringAsync("/api/knowledge/search?q=nothing");
        Console.WriteLine($"| first search, opening the file included, ms | {Stopwatch.GetElapsedTime(clock).TotalMilliseconds:0.0} |");
        var queries = corpus.Queries(Queries).ToList();
        await WordsAsync(http, paths.Knowledge, queries);
        Console.WriteLine($"\nMemory after that (PSS): {words.Memory():0.0} MB.");

        using var fused = Subject.Start(program, port => ["serve", "--port", $"{port}"], homes, "scale", Embeddings(model));
        using var both = Client(fused);
        await FusedAsync(both, queries);
        Console.WriteLine($"\nMemory while vectors are searched (PSS): {fused.Memory():0.0} MB, of which {(double)Chunks * HashedModel.Dimensions * sizeof(float) / (1 << 20):0} MB vectors.");
    }

    public static HttpClient Client(Subject subject) => new(new SocketsHttpHandler()) { BaseAddress = new Uri($"http://127.0.0.1:{subject.Port}"), Timeout = TimeSpan.FromMinutes(5) };

    public static Dictionary<string, string> Embeddings(HashedModel model) => new()
    {
        ["PROTOAGENT_KNOWLEDGE__EMBEDDINGS__MODEL"] = HashedModel.Name, ["PROTOAGENT_KNOWLEDGE__EMBEDDINGS__BASE_URL"] = model.Url,
    };

    private static async Task FillAsync(InstancePaths paths, Corpus corpus)
    {
        var store = await KnowledgeStore.OpenAsync(paths, 0, TimeProvider.System, NullLogger<KnowledgeStore>.Instance);
        var name = $"{HashedModel.Name}/{HashedModel.Dimensions}";
        var (writing, made) = (TimeSpan.Zero, 0);
        while (made < Chunks)
        {
            var pieces = Enumerable.Range(0, InOne).Select(_ => corpus.Chunk()).Select(c => new Piece(c.Heading, c.Content)).ToList();
            var vectors = new Dictionary<string, float[]>(StringComparer.Ordinal);
            foreach (var piece in pieces)
            {
                vectors[Convert.ToHexString(piece.Digest)] = HashedModel.Embed($"{piece.Heading}\n{piece.Content}");
            }

            // Timed without vectors, as an instance without an embedding model writes them.
            var clock = Stopwatch.GetTimestamp();
            await store.ReplaceAsync(new Document($"d{made}", "", "text", ChunkTrust.External), pieces, null, new Dictionary<string, float[]>());
            writing += Stopwatch.GetElapsedTime(clock);
            var page = await store.ListAsync(new ChunkFilter(Source: $"d{made}"), false, 500);
            var rest = await store.ListAsync(new ChunkFilter(Source: $"d{made}"), false, 500, long.Parse(page.Next!));
            await store.PutVectorsAsync(name, [.. page.Items.Concat(rest.Items).Select(c => (c, vectors[Convert.ToHexString(new Piece(c.Heading, c.Content).Digest)]))]);
            made += InOne;
        }

        var one = Stopwatch.GetTimestamp();
        for (var i = 0; i < OneByOne; i++)
        {
            var (heading, content) = corpus.Chunk();
            await store.AddAsync(new NewChunk(content, ChunkTrust.Agent, heading, Domain: "notes"));
        }

        var each = Stopwatch.GetElapsedTime(one);
        await store.DisposeAsync();
        var bytes = new FileInfo(paths.Knowledge).Length;
        var clockOpen = Stopwatch.GetTimestamp();
        await (await KnowledgeStore.OpenAsync(paths, 0, TimeProvider.System, NullLogger<KnowledgeStore>.Instance)).DisposeAsync();
        Console.WriteLine($"\n{Chunks} chunks of 60 to 139 words, 40,000 different ones.\n\n| | |\n|---|---|");
        Console.WriteLine($"| written in documents of {InOne}, chunks/s | {Chunks / writing.TotalSeconds:0} |");
        Console.WriteLine($"| written one by one, each looked up for near duplicates and fsynced, chunks/s | {OneByOne / each.TotalSeconds:0} |");
        Console.WriteLine($"| the file, MB; of that vectors of {HashedModel.Dimensions} dimensions | {bytes / (double)(1 << 20):0}; {Chunks * (double)HashedModel.Dimensions * sizeof(float) / (1 << 20):0} |");
        Console.WriteLine($"| opening and closing it, ms | {Stopwatch.GetElapsedTime(clockOpen).TotalMilliseconds:0.0} |");
    }

    private static async Task WordsAsync(HttpClient http, string file, List<(string Kind, string Query)> queries)
    {
        using var raw = new SqliteConnection($"Data Source={file};Mode=ReadOnly;Pooling=False");
        raw.Open();
        var kinds = queries.Select(q => q.Kind).Distinct().ToDictionary(k => k, _ => (Raw: new List<double>(), Ours: new List<double>(), Wanted: 0, Got: 0));
        foreach (var (kind, query) in queries)
        {
            var (times, limit) = (kinds[kind], Best * 20);
            var clock = Stopwatch.GetTimestamp();
            var exact = Exact(raw, query, Best);
            times.Raw.Add(Stopwatch.GetElapsedTime(clock).TotalMilliseconds);
            clock = Stopwatch.GetTimestamp();
            var answer = await http.GetStringAsync($"/api/knowledge/search?k={Best}&q={Uri.EscapeDataString(query)}");
            times.Ours.Add(Stopwatch.GetElapsedTime(clock).TotalMilliseconds);

            // Of chunks that score alike any will do.
            var ranks = Exact(raw, query, limit).ToDictionary(e => e.Id, e => e.Rank);
            times.Wanted += exact.Count;
            times.Got += JsonNode.Parse(answer)!.AsArray().Count(h => ranks.TryGetValue((long)h!["id"]!, out var rank) && rank <= exact[^1].Rank + 1e-4);
            kinds[kind] = times;
        }

        Console.WriteLine($"\nSearches by words, the best {Best}, through HTTP; beside FTS5 scoring every match in this process. Milliseconds.\n\n| | FTS5 p50 | search p50 | ratio | FTS5 p99 | search p99 | ratio | of FTS5's best {Best} |\n|---|---|---|---|---|---|---|---|");
        foreach (var (kind, (exact, ours, wanted, got)) in kinds)
        {
            Console.WriteLine(
                $"| {kind} | {Table.At(exact, 0.5):0.00} | {Table.At(ours, 0.5):0.00} | {Table.At(ours, 0.5) / Table.At(exact, 0.5):0.00} | {Table.At(exact, 0.99):0.0} | {Table.At(ours, 0.99):0.0} | {Table.At(ours, 0.99) / Table.At(exact, 0.99):0.00} | {(double)got / Math.Max(1, wanted):0.000} |");
        }
    }

    private static async Task FusedAsync(HttpClient http, List<(string Kind, string Query)> queries)
    {
        // The first one reads the vectors.
        var clock = Stopwatch.GetTimestamp();
        await http.GetStringAsync("/api/knowledge/search?q=first");
        var first = Stopwatch.GetElapsedTime(clock).TotalMilliseconds;
        var (fused, bytes, scan) = (new List<double>(), new float[Chunks * HashedModel.Dimensions], new List<double>());
        Array.Fill(bytes, 1f);
        foreach (var (_, query) in queries.Where(q => q.Kind.StartsWith("one common", StringComparison.Ordinal)))
        {
            clock = Stopwatch.GetTimestamp();
            await http.GetStringAsync($"/api/knowledge/search?k={Best}&q={Uri.EscapeDataString(query)}");
            fused.Add(Stopwatch.GetElapsedTime(clock).TotalMilliseconds);
            clock = Stopwatch.GetTimestamp();
            _ = TensorPrimitives.Sum(bytes);
            scan.Add(Stopwatch.GetElapsedTime(clock).TotalMilliseconds);
        }

        Console.WriteLine($"\nFused: words, and every one of {Chunks} vectors of {HashedModel.Dimensions} dimensions; the query's own vector from the local endpoint included. Milliseconds.\n\n| | the vectors' bytes read once, one core | fused search | ratio |\n|---|---|---|---|");
        Table.Row("p50", Table.At(scan, 0.5), Table.At(fused, 0.5));
        Table.Row("p99", Table.At(scan, 0.99), Table.At(fused, 0.99));
        Table.Row("the first, which reads the vectors into memory", double.NaN, first);
    }

    private static List<(long Id, double Rank)> Exact(SqliteConnection raw, string query, int limit)
    {
        using var command = raw.CreateCommand();
        command.CommandText = "SELECT rowid, rank FROM chunks_fts WHERE chunks_fts MATCH $q ORDER BY rank LIMIT $k";
        command.Parameters.AddWithValue("$q", string.Join(" OR ", query.Replace(".", "", StringComparison.Ordinal).Split(' ').Distinct().Select(w => $"\"{w}\"")));
        command.Parameters.AddWithValue("$k", limit);
        var found = new List<(long, double)>();
        using var rows = command.ExecuteReader();
        while (rows.Read())
        {
            found.Add((rows.GetInt64(0), rows.GetDouble(1)));
        }

        return found;
    }
}
