using System.Diagnostics;
using System.Net.Http.Headers;
using System.Numerics.Tensors;
using System.Text;
using System.Text.Json.Nodes;

namespace ProtoAgent.Bench;

/// <summary>How much of what the project's own documentation says is found by 60 questions made by hand: the right piece among the first five.</summary>
internal static class Recall
{
    private const int Among = 5;

    private static readonly string[] s_folders = ["docs", "src"];

    public static async Task RunAsync(string program)
    {
        var homes = Directory.CreateTempSubdirectory("protoagent-bench-").FullName;
        using var model = HashedModel.Start();
        try
        {
            using (var words = Subject.Start(program, port => ["serve", "--port", $"{port}"], homes, "words"))
            using (var fused = Subject.Start(program, port => ["serve", "--port", $"{port}"], homes, "fused", Scale.Embeddings(model)))
            {
                await QuestionsAsync(words, fused);
            }

            await Scale.RunAsync(program, homes, model);
        }
        finally
        {
            Directory.Delete(homes, recursive: true);
        }
    }

    private static async Task QuestionsAsync(Subject words, Subject fused)
    {
        using var byWords = Scale.Client(words);
        using var byBoth = Scale.Client(fused);
        var bytes = 0L;
        var files = Documents().ToList();
        var clock = Stopwatch.StartNew();
        foreach (var file in files)
        {
            bytes += new FileInfo(file).Length;
            await IngestAsync(byWords, file);
        }

        var ingest = clock.Elapsed;
        foreach (var file in files)
        {
            await IngestAsync(byBoth, file);
        }

        var chunks = await ChunksAsync(byWords);
        var vectors = chunks.Select(c => HashedModel.Embed($"{c.Heading}\n{c.Content}")).ToList();
        var (asked, inWords, inVectors, inBoth) = (0, 0, 0, 0);
        foreach (var line in File.ReadLines(Path.Combine(AppContext.BaseDirectory, "questions.tsv")).Where(l => !l.StartsWith('#')))
        {
            var (question, says) = line.Split('\t') is [var q, var s] ? (q, s) : throw new InvalidDataException(line);
            if (!chunks.Exists(c => Holds(c, says)))
            {
                Console.Error.WriteLine($"left out, the documentation no longer says '{says}': {question}");
                continue;
            }

            asked++;
            var query = HashedModel.Embed(question);
            inWords += (await SearchAsync(byWords, question)).Exists(c => Holds(c, says)) ? 1 : 0;
            inBoth += (await SearchAsync(byBoth, question)).Exists(c => Holds(c, says)) ? 1 : 0;
            inVectors += chunks.Zip(vectors).OrderByDescending(c => TensorPrimitives.CosineSimilarity(c.Second, query)).Take(Among).Any(c => Holds(c.First, says)) ? 1 : 0;
        }

        Console.WriteLine($"\n{asked} questions to the project's own documentation ({files.Count} files, {bytes / 1024} KB, {chunks.Count} pieces; taken in, one request a file, at {files.Count / ingest.TotalSeconds:0} files/s).");
        Console.WriteLine($"The vectors are hashed n-grams, which know no synonyms: they show that fusing works, not what a real model would find.\n\n| | the right piece among the first {Among} |\n|---|---|");
        Console.WriteLine($"| words | {(double)inWords / asked:0.00} |\n| vectors | {(double)inVectors / asked:0.00} |\n| fused | {(double)inBoth / asked:0.00} |");
    }

    private static bool Holds((string Heading, string Content) chunk, string says) => $"{chunk.Heading}\n{chunk.Content}".Contains(says, StringComparison.OrdinalIgnoreCase);

    private static IEnumerable<string> Documents()
    {
        var root = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(root, "ProtoAgent.slnx")))
        {
            root = Path.GetDirectoryName(root) ?? throw new InvalidOperationException("ProtoAgent.slnx is not above the program.");
        }

        return new[] { Path.Combine(root, "README.md") }
            .Concat(s_folders.SelectMany(f => Directory.EnumerateFiles(Path.Combine(root, f), "*.md", SearchOption.AllDirectories)).Order(StringComparer.Ordinal))
            .Where(f => !f.Contains("/obj/", StringComparison.Ordinal) && !f.Contains("/bin/", StringComparison.Ordinal));
    }

    private static async Task IngestAsync(HttpClient http, string file)
    {
        using var form = new MultipartFormDataContent { { new ByteArrayContent(await File.ReadAllBytesAsync(file)), "file", Path.GetFileName(file) }, { new StringContent(file), "source" } };
        using var answer = await http.PostAsync("/api/knowledge/ingest", form);
        answer.EnsureSuccessStatusCode();
        var id = (string)JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["ingest_id"]!;
        while ((string)JsonNode.Parse(await http.GetStringAsync($"/api/knowledge/ingest/{id}"))!["status"]! is "queued" or "running")
        {
        }
    }

    private static async Task<List<(string Heading, string Content)>> ChunksAsync(HttpClient http)
    {
        var (chunks, cursor) = (new List<(string, string)>(), "");
        do
        {
            var page = JsonNode.Parse(await http.GetStringAsync($"/api/knowledge/chunks?limit=500{cursor}"))!;
            chunks.AddRange(page["items"]!.AsArray().Select(Read));
            cursor = (string?)page["next"] is { } next ? $"&cursor={next}" : "";
        }
        while (cursor.Length > 0);

        return chunks;
    }

    private static async Task<List<(string Heading, string Content)>> SearchAsync(HttpClient http, string query) =>
        [.. JsonNode.Parse(await http.GetStringAsync($"/api/knowledge/search?k={Among}&q={Uri.EscapeDataString(query)}"))!.AsArray().Select(Read)];

    private static (string Heading, string Content) Read(JsonNode? chunk) => ((string)chunk!["heading"]!, (string)chunk["content"]!);
}
