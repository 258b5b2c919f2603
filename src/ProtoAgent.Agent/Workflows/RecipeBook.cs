using System.Collections.Concurrent;
using System.Reflection;
using System.Text;
using ProtoAgent.Instances.Paths;

namespace ProtoAgent.Agent.Workflows;

/// <summary>Where a recipe comes from.</summary>
public enum RecipeSource
{
    /// <summary>A file in the instance's folder.</summary>
    Own,

    /// <summary>Part of the program; read-only. An own one of the same name stands in its place.</summary>
    Bundled,
}

/// <summary>A recipe there is, or a file that would be one.</summary>
/// <param name="Recipe">Null when it can't be read: <paramref name="Problems"/> says why.</param>
/// <param name="Path">Of its file; null if it is bundled.</param>
public sealed record RecipeEntry(string Name, RecipeSource Source, string Text, Recipe? Recipe, IReadOnlyList<RecipeProblem> Problems, string? Path);

/// <summary>
/// The recipes there are now: the instance's own files, and those that come with the program. Nothing is watched and nothing read
/// ahead: each question looks at the folder and reads what has changed.
/// </summary>
/// <param name="folder">It need not exist.</param>
public sealed class RecipeBook(string folder)
{
    private const string Ending = ".yaml";
    private const string Bundled = "workflows/";

    private static readonly Lazy<IReadOnlyList<RecipeEntry>> s_bundled = new(ReadBundled);

    private readonly ConcurrentDictionary<string, (DateTime At, long Length, RecipeEntry Entry)> _read = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();

    /// <summary>By name.</summary>
    public IReadOnlyList<RecipeEntry> All()
    {
        var own = Own();
        return [.. own.Concat(s_bundled.Value.Where(b => own.All(o => o.Name != b.Name))).OrderBy(e => e.Name, StringComparer.Ordinal)];
    }

    public RecipeEntry? Find(string name)
    {
        if (RecipeName.Problem(name) is not null)
        {
            return null;
        }

        var path = PathOf(name);
        return File.Exists(path) && Read(path) is { } entry ? entry : s_bundled.Value.FirstOrDefault(b => b.Name == name);
    }

    /// <summary>Keeps a recipe under its name. Saving the same text again changes nothing.</summary>
    /// <param name="replace">False: another recipe of that name in the folder is left as it is.</param>
    /// <returns>True when the name is new in the folder.</returns>
    /// <exception cref="WorkflowException">It is there already (<c>workflow_exists</c>), or can't be written.</exception>
    public bool Save(Recipe recipe, bool replace)
    {
        var path = PathOf(recipe.Name);
        lock (_gate)
        {
            try
            {
                AtomicFile.CreateFolder(folder);
                var there = File.Exists(path);
                if (there && !replace && File.ReadAllText(path) != recipe.Text)
                {
                    throw new WorkflowException("workflow_exists", $"There is another workflow '{recipe.Name}' already. Save this one under another name, or say that it is to be replaced.");
                }

                AtomicFile.Write(path, Encoding.UTF8.GetBytes(recipe.Text));
                _read.TryRemove(path, out _);
                return !there;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new WorkflowException("workflows_folder", $"{path} can't be written: {e.Message} Nothing was changed.");
            }
        }
    }

    /// <summary>False if there is no such workflow.</summary>
    /// <exception cref="WorkflowException">It comes with the program (<c>workflow_bundled</c>), or its file can't be deleted.</exception>
    public bool Delete(string name)
    {
        if (Find(name) is not { } entry)
        {
            return false;
        }

        if (entry.Path is null)
        {
            throw new WorkflowException("workflow_bundled", $"The workflow '{name}' comes with the program and can't be deleted. Save one of the same name to have another in its place.");
        }

        try
        {
            File.Delete(entry.Path);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new WorkflowException("workflows_folder", $"{entry.Path} can't be deleted: {e.Message}");
        }
    }

    private string PathOf(string name) => Path.Combine(folder, name + Ending);

    private List<RecipeEntry> Own()
    {
        try
        {
            return Directory.Exists(folder) ? [.. Directory.EnumerateFiles(folder, "*" + Ending).Select(Read).OfType<RecipeEntry>()] : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new WorkflowException("workflows_folder", $"The folder of workflows {folder} can't be read: {e.Message}");
        }
    }

    /// <summary>Null if the file is gone by now.</summary>
    private RecipeEntry? Read(string path)
    {
        var file = new FileInfo(path);
        if (!file.Exists)
        {
            return null;
        }

        var (at, length) = (file.LastWriteTimeUtc, file.Length);
        if (_read.TryGetValue(path, out var known) && known.At == at && known.Length == length)
        {
            return known.Entry;
        }

        var entry = ReadFile(path, length);
        _read[path] = (at, length, entry);
        return entry;
    }

    private static RecipeEntry ReadFile(string path, long length)
    {
        var name = Path.GetFileNameWithoutExtension(path);
        try
        {
            // In UTF-8 a character has at most four bytes.
            if (length > 4L * RecipeYaml.Longest)
            {
                return Broken(path, name, "", $"{path} is too large for a recipe.");
            }

            var text = File.ReadAllText(path, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true));
            if (RecipeName.Problem(name) is { } problem)
            {
                return Broken(path, name, text, $"The file {path} can't be a workflow's: of its name '{name}', {problem}.");
            }

            var (recipe, problems) = RecipeReader.Read(text);
            return recipe is not null && recipe.Name != name
                ? Broken(path, name, text, $"The recipe is called '{recipe.Name}' and its file '{name}{Ending}'. Give both the same name.")
                : new RecipeEntry(name, RecipeSource.Own, text, recipe, problems, path);
        }
        catch (DecoderFallbackException)
        {
            return Broken(path, name, "", $"{path} is not UTF-8 text.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Broken(path, name, "", $"{path} can't be read: {e.Message}");
        }
    }

    private static RecipeEntry Broken(string path, string name, string text, string problem) => new(name, RecipeSource.Own, text, null, [new RecipeProblem(1, problem)], path);

    private static List<RecipeEntry> ReadBundled()
    {
        var assembly = Assembly.GetExecutingAssembly();
        var entries = new List<RecipeEntry>();
        foreach (var resource in assembly.GetManifestResourceNames().Where(n => n.StartsWith(Bundled, StringComparison.Ordinal)))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!, Encoding.UTF8);
            var text = reader.ReadToEnd();
            var (recipe, problems) = RecipeReader.Read(text);
            entries.Add(new RecipeEntry(recipe?.Name ?? resource, RecipeSource.Bundled, text, recipe, problems, null));
        }

        return entries;
    }
}
