using System.Diagnostics;
using System.Numerics.Tensors;
using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using ProtoAgent.Instances.Paths;
using ProtoAgent.Stores.Knowledge;

namespace ProtoAgent.Bench;

/// <summary>What a search takes, in the store and through the native program's HTTP, beside FTS5 scoring every match on the same file, and beside reading the vectors' bytes once.</summary>
internal static class ScaleSearch
{
    private const int Best = 10;

    public static async Task WordsAsync(HttpClient http, InstancePaths paths, List<(string Kind, string Query)> queries, int chunks)
    {
        await using var store = await KnowledgeStore.OpenAsync(paths, 0, TimeProvider.System, NullLogger<KnowledgeStore>.Instance);
        using var raw = new SqliteConnection($"Data Source={paths.Knowledge};Mode=ReadOnly;Pooling=False");
        raw.Open();
        using var prepared = raw.CreateCommand();
        prepared.CommandText = "SELECT rowid, rank FROM chunks_fts WHERE chunks_fts MATCH $q ORDER BY rank LIMIT 200";
        prepared.Parameters.AddWithValue("$q", "");

        // So that the store's code is compiled when it is measured; the native program's is.
        for (var i = 0; i < 3; i++)
        {
            foreach (var (_, query) in queries.Where(q => q.Kind == "two rare words"))
            {
                await store.FindWordsAsync(query + " the", ChunkFilter.Any, Best);
            }
        }

        // One after the other: what goes through a hundred thousand matches leaves nothing of another's in the processor's caches.
        var kinds = queries.Select(q => q.Kind).Distinct().ToDictionary(k => k, _ => new Times());
        foreach (var (kind, query) in queries)
        {
            var clock = Stopwatch.GetTimestamp();
            await store.FindWordsAsync(query, ChunkFilter.Any, Best);
            kinds[kind].Store.Add(Stopwatch.GetElapsedTime(clock).TotalMilliseconds);
        }

        var answers = new List<string>();
        foreach (var (kind, query) in queries)
        {
            var clock = Stopwatch.GetTimestamp();
            answers.Add(await http.GetStringAsync($"/api/knowledge/search?k={Best}&q={Uri.EscapeDataString(query)}"));
            kinds[kind].Http.Add(Stopwatch.GetElapsedTime(clock).TotalMilliseconds);
        }

        foreach (var ((kind, query), answer) in queries.Zip(answers))
        {
            var times = kinds[kind];
            var clock = Stopwatch.GetTimestamp();
            var exact = Exact(prepared, query);
            times.Raw.Add(Stopwatch.GetElapsedTime(clock).TotalMilliseconds);

            // Of chunks that score alike any will do.
            var ranks = exact.ToDictionary(e => e.Id, e => e.Rank);
            times.Wanted += Math.Min(Best, exact.Count);
            times.Got += exact.Count == 0 ? 0 : JsonNode.Parse(answer)!.AsArray().Count(h => ranks.TryGetValue((long)h!["id"]!, out var rank) && rank <= exact[Math.Min(Best, exact.Count) - 1].Rank + 1e-4);
        }

        Console.WriteLine($"\nSearches of {chunks} chunks by words, the best {Best}, milliseconds: p50 / p99.\n\n| | FTS5 | the store | the native program, HTTP | of FTS5's best {Best} |\n|---|---|---|---|---|");
        foreach (var (kind, times) in kinds)
        {
            Console.WriteLine($"| {kind} | {Shown(times.Raw)} | {Shown(times.Store)} | {Shown(times.Http)} | {(double)times.Got / Math.Max(1, times.Wanted):0.000} |");
        }
    }

    public static async Task FusedAsync(HttpClient http, List<(string Kind, string Query)> queries)
    {
        // The first one reads the vectors.
        var clock = Stopwatch.GetTimestamp();
        await http.GetStringAsync("/api/knowledge/search?q=first");
        var first = Stopwatch.GetElapsedTime(clock).TotalMilliseconds;
        var (fused, bytes, scan) = (new List<double>(), new float[Scale.WithVectors * HashedModel.Dimensions], new List<double>());
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

        Console.WriteLine($"\nFused: words, and every one of {Scale.WithVectors} vectors of {HashedModel.Dimensions} dimensions; the query's own vector from the local endpoint included. Milliseconds.\n\n| | the vectors' bytes read once, one core | fused search | ratio |\n|---|---|---|---|");
        Table.Row("p50", Table.At(scan, 0.5), Table.At(fused, 0.5));
        Table.Row("p99", Table.At(scan, 0.99), Table.At(fused, 0.99));
        Table.Row("the first, which reads the vectors into memory", double.NaN, first);
    }

    private static string Shown(List<double> times) => $"{Table.At(times, 0.5):0.00} / {Table.At(times, 0.99):0.00}";

    private static List<(long Id, double Rank)> Exact(SqliteCommand prepared, string query)
    {
        prepared.Parameters[0].Value = string.Join(" OR ", query.Replace(".", "", StringComparison.Ordinal).Split(' ').Distinct().Select(w => $"\"{w}\""));
        var found = new List<(long, double)>();
        using var rows = prepared.ExecuteReader();
        while (rows.Read())
        {
            found.Add((rows.GetInt64(0), rows.GetDouble(1)));
        }

        return found;
    }

    private sealed class Times
    {
        public List<double> Raw { get; } = [];

        public List<double> Store { get; } = [];

        public List<double> Http { get; } = [];

        public int Wanted { get; set; }

        public int Got { get; set; }
    }
}
