using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using ProtoAgent.Instances.Identity;
using ProtoAgent.Instances.Paths;
using ProtoAgent.Stores.Knowledge;

namespace ProtoAgent.Bench;

/// <summary>100,000 and a million chunks: how fast they come in, how fast the file opens, how large it is; what searches take is in <see cref="ScaleSearch"/>.</summary>
internal static class Scale
{
    public const int WithVectors = 100_000;

    private const int InOne = 1_000;
    private const int OneByOne = 1_000;
    private const int UploadedChunks = 20_000;

    public static async Task RunAsync(string program, string homes, HashedModel model)
    {
        foreach (var (chunks, queries) in new[] { (WithVectors, 800), (1_000_000, 100) })
        {
            var corpus = new Corpus();
            var paths = Paths(homes, $"scale{chunks}");
            await FillAsync(paths, corpus, chunks);
            await SearchAsync(program, homes, model, paths, chunks, [.. corpus.Queries(queries)]);
            File.Delete(paths.Knowledge);
        }
    }

    public static HttpClient Client(Subject subject) => new(new SocketsHttpHandler()) { BaseAddress = new Uri($"http://127.0.0.1:{subject.Port}"), Timeout = TimeSpan.FromMinutes(5) };

    public static Dictionary<string, string> Embeddings(HashedModel model) => new()
    {
        ["PROTOAGENT_KNOWLEDGE__EMBEDDINGS__MODEL"] = HashedModel.Name, ["PROTOAGENT_KNOWLEDGE__EMBEDDINGS__BASE_URL"] = model.Url,
    };

    private static async Task SearchAsync(string program, string homes, HashedModel model, InstancePaths paths, int chunks, List<(string Kind, string Query)> queries)
    {
        using (var words = Subject.Start(program, port => ["serve", "--port", $"{port}"], homes, $"scale{chunks}"))
        using (var http = Client(words))
        {
            var idle = words.Memory();
            var clock = Stopwatch.GetTimestamp();
            await http.GetStringAsync("/api/knowledge/search?q=nothing");
            var first = Stopwatch.GetElapsedTime(clock).TotalMilliseconds;
            await ScaleSearch.WordsAsync(http, paths, queries, chunks);
            Console.WriteLine($"\n| the native program, {chunks} chunks | |\n|---|---|");
            Console.WriteLine($"| first search, opening the file included, ms | {first:0.0} |");
            Console.WriteLine($"| memory (PSS) before it, and after all of these, MB | {idle:0.0}; {words.Memory():0.0} |");
        }

        if (chunks == WithVectors)
        {
            using var fused = Subject.Start(program, port => ["serve", "--port", $"{port}"], homes, $"scale{chunks}", Embeddings(model));
            using var both = Client(fused);
            await ScaleSearch.FusedAsync(both, queries);
            Console.WriteLine($"\nMemory while vectors are searched (PSS): {fused.Memory():0.0} MB, of which {(double)WithVectors * HashedModel.Dimensions * sizeof(float) / (1 << 20):0} MB vectors.");
        }

        using (var taking = Subject.Start(program, port => ["serve", "--port", $"{port}"], homes, $"scale{chunks}"))
        using (var http = Client(taking))
        {
            Console.WriteLine($"\n| the native program, {chunks} chunks, through HTTP | |\n|---|---|");
            Console.WriteLine($"| notes one after the other, each looked up for near duplicates and fsynced, /s | {await OneByOneAsync(http, new Corpus(1)):0} |");
            Console.WriteLine($"| texts of {InOne} chunks, read and cut first, chunks/s | {await UploadAsync(http, new Corpus(2)):0} |");
        }
    }

    private static InstancePaths Paths(string homes, string instance) => InstancePaths.Resolve(
        new InstanceIdentity(InstanceId.Parse(instance, "bench"), InstanceIdSource.Environment, "bench"), AgentName.Parse(AgentName.Default, "bench"), new DataHome(Path.Combine(homes, ".protoagent"), "bench"));

    private static async Task FillAsync(InstancePaths paths, Corpus corpus, int chunks)
    {
        var store = await KnowledgeStore.OpenAsync(paths, 0, TimeProvider.System, NullLogger<KnowledgeStore>.Instance);
        var writing = TimeSpan.Zero;
        for (var made = 0; made < chunks; made += InOne)
        {
            var pieces = Enumerable.Range(0, InOne).Select(_ => corpus.Chunk()).Select(c => new Piece(c.Heading, c.Content)).ToList();
            var clock = Stopwatch.GetTimestamp();
            await store.ReplaceAsync(new Document($"d{made}", "", "text", ChunkTrust.External), pieces, null, new Dictionary<string, float[]>());
            writing += Stopwatch.GetElapsedTime(clock);
        }

        await store.DisposeAsync();
        var bytes = new FileInfo(paths.Knowledge).Length;
        var clockOpen = Stopwatch.GetTimestamp();
        store = await KnowledgeStore.OpenAsync(paths, 0, TimeProvider.System, NullLogger<KnowledgeStore>.Instance);
        var opening = Stopwatch.GetElapsedTime(clockOpen);

        var one = Stopwatch.GetTimestamp();
        foreach (var (heading, content) in Enumerable.Range(0, OneByOne).Select(_ => corpus.Chunk()).ToList())
        {
            await store.AddAsync(new NewChunk(content, ChunkTrust.Agent, heading, Domain: "notes"));
        }

        var each = Stopwatch.GetElapsedTime(one);
        if (chunks == WithVectors)
        {
            await VectorsAsync(store);
        }

        await store.DisposeAsync();
        Console.WriteLine($"\n{chunks} chunks of 60 to 139 words, 40,000 different ones; the store alone, in the bench's process (JIT).\n\n| | |\n|---|---|");
        Console.WriteLine($"| written in documents of {InOne}, each a transaction with an fsync, chunks/s | {chunks / writing.TotalSeconds:0} |");
        Console.WriteLine($"| written one after the other, each looked up for near duplicates and fsynced, chunks/s | {OneByOne / each.TotalSeconds:0} |");
        Console.WriteLine($"| the file without vectors, MB | {bytes / (double)(1 << 20):0} |");
        Console.WriteLine($"| opening it, ms | {opening.TotalMilliseconds:0.0} |");
    }

    private static async Task VectorsAsync(KnowledgeStore store)
    {
        var (name, behind) = ($"{HashedModel.Name}/{HashedModel.Dimensions}", 0L);
        while (await store.WithoutVectorAsync(name, behind, InOne) is { Count: > 0 } page)
        {
            await store.PutVectorsAsync(name, [.. page.AsParallel().AsOrdered().Select(c => (c, HashedModel.Embed($"{c.Heading}\n{c.Content}")))]);
            behind = page[^1].Id;
        }
    }

    private static async Task<double> OneByOneAsync(HttpClient http, Corpus corpus)
    {
        var bodies = Enumerable.Range(0, OneByOne).Select(_ => corpus.Chunk()).Select(c => $$"""{"content":"{{c.Content}}","heading":"{{c.Heading}}","domain":"notes"}""").ToList();
        var clock = Stopwatch.GetTimestamp();
        foreach (var body in bodies)
        {
            using var content = new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
            using var answer = await http.PostAsync("/api/knowledge/chunks", content);
            answer.EnsureSuccessStatusCode();
        }

        return OneByOne / Stopwatch.GetElapsedTime(clock).TotalSeconds;
    }

    private static async Task<double> UploadAsync(HttpClient http, Corpus corpus)
    {
        var texts = Enumerable.Range(0, UploadedChunks / InOne).Select(_ => string.Join("\n\n", Enumerable.Range(0, InOne).Select(_ => corpus.Chunk().Content))).ToList();
        var (clock, added) = (Stopwatch.GetTimestamp(), 0L);
        for (var i = 0; i < texts.Count; i++)
        {
            using var form = new MultipartFormDataContent { { new StringContent(texts[i]), "file", $"u{i}.txt" }, { new StringContent($"u{i}"), "source" } };
            using var answer = await http.PostAsync("/api/knowledge/ingest", form);
            answer.EnsureSuccessStatusCode();
            var id = (string)JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["ingest_id"]!;
            JsonNode state;
            do
            {
                state = JsonNode.Parse(await http.GetStringAsync($"/api/knowledge/ingest/{id}"))!;
            }
            while ((string)state["status"]! is "queued" or "running");
            added += (long)state["chunks_added"]!;
        }

        return added / Stopwatch.GetElapsedTime(clock).TotalSeconds;
    }
}
