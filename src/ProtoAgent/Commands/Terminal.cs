using System.Text;
using Spectre.Console;

namespace ProtoAgent.Commands;

/// <summary>
/// The terminal somebody looks at. What a model, a document or another program wrote must not steer it, so that everything printed
/// goes through <see cref="Clean"/>; only what the program itself draws is written to <see cref="Out"/> and <see cref="Error"/>.
/// </summary>
internal static class Terminal
{
    private static TextWriter? s_out;
    private static TextWriter? s_error;

    /// <summary>Standard output as it is, for the program's own codes.</summary>
    public static TextWriter Out => s_out ?? Console.Out;

    /// <inheritdoc cref="Out"/>
    public static TextWriter Error => s_error ?? Console.Error;

    /// <summary>From here on <see cref="Console"/> shows no control characters. A file or a pipe gets what there is.</summary>
    public static void Guard()
    {
        if (!Console.IsOutputRedirected)
        {
            s_out = Console.Out;
            Console.SetOut(new CleanWriter(s_out));
        }

        if (!Console.IsErrorRedirected)
        {
            s_error = Console.Error;
            Console.SetError(new CleanWriter(s_error));
        }
    }

    /// <summary>Lines and tabs stay; what steers a terminal goes.</summary>
    public static string Clean(string text) => text.Any(Steers) ? string.Concat(text.Where(c => !Steers(c))) : text;

    /// <summary>For what is drawn anew in place.</summary>
    public static IAnsiConsole Canvas(TextWriter to) => AnsiConsole.Create(new AnsiConsoleSettings { Out = new Screen(to) });

    /// <summary>A line from whoever is asked; null at the end of what there is to read.</summary>
    public static string? Ask(string prompt)
    {
        // Looking for a key sets the terminal to be read, before anybody is invited to type: what came between would be shown twice.
        _ = !Console.IsInputRedirected && Console.KeyAvailable;
        Console.Error.Write(prompt);
        return Console.In.ReadLine();
    }

    private static bool Steers(char c) => char.IsControl(c) && c is not ('\n' or '\t');

    internal sealed class CleanWriter(TextWriter to) : TextWriter
    {
        public override Encoding Encoding => to.Encoding;

        public override void Write(char value)
        {
            if (!Steers(value))
            {
                to.Write(value);
            }
        }

        public override void Write(string? value) => to.Write(Clean(value ?? ""));

        public override void Write(char[] buffer, int index, int count) => Write(new string(buffer, index, count));

        public override void Write(ReadOnlySpan<char> buffer) => Write(buffer.ToString());

        public override void Flush() => to.Flush();
    }

    /// <summary>Spectre knows a terminal by <see cref="Console"/>'s writers, which this is none of any more.</summary>
    private sealed class Screen(TextWriter to) : IAnsiConsoleOutput
    {
        private readonly AnsiConsoleOutput _size = new(to);

        public TextWriter Writer => to;

        public bool IsTerminal => true;

        public int Width => _size.Width;

        public int Height => _size.Height;

        public void SetEncoding(Encoding encoding)
        {
            // As the process has it.
        }
    }
}
