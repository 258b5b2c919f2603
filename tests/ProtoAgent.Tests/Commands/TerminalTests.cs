using System.Globalization;
using ProtoAgent.Commands;
using Shouldly;
using Spectre.Console.Rendering;
using Xunit;

namespace ProtoAgent.Tests.Commands;

public sealed class TerminalTests
{
    [Theory]
    [InlineData("as it is\n\tand on ✓", "as it is\n\tand on ✓")]
    [InlineData("\u001b[31mred\u001b]0;TITLE\u0007", "[31mred]0;TITLE")]
    [InlineData("over\rwritten\b\u009b2J\u007f", "overwritten2J")]
    public void What_steers_a_terminal_is_left_out(string said, string shown)
    {
        using var screen = new StringWriter(CultureInfo.InvariantCulture);
        using (var clean = new Terminal.CleanWriter(screen))
        {
            clean.Write(said);
            clean.Write(said.AsSpan());
            clean.Write(said.ToCharArray());
            foreach (var c in said)
            {
                clean.Write(c);
            }
        }

        Terminal.Clean(said).ShouldBe(shown);
        screen.ToString().ShouldBe(shown + shown + shown + shown);
    }

    [Theory]
    [InlineData(80)]
    [InlineData(60)]
    public void A_table_of_instances_fits_the_terminal_and_its_numbers_are_whole(int width)
    {
        string[] row = ["research-assistant-of-alice", "research-assistant", "1234567", "65535", "23h 59m", "1234.5 MB", "enabled", "live_sibling, shared_store"];
        var widths = PsColumns.Widths([PsCommand.Header, row], width);

        widths.Sum(w => w + PsColumns.Gap).ShouldBeLessThanOrEqualTo(width);
        foreach (var column in (int[])[2, 3, 4, 5, 6])
        {
            PsColumns.Cut(row[column], widths[column]).ShouldBe(row[column]);
        }

        PsColumns.Cut(row[0], widths[0]).ShouldEndWith("…");
    }

    [Fact]
    public void A_name_is_cut_where_a_character_ends()
    {
        PsColumns.Cut("short", 5).ShouldBe("short");
        PsColumns.Cut("a name", 4).ShouldBe("a n…");
        PsColumns.Cut("two\nlines", 20).ShouldBe("two lines");
        new Segment(PsColumns.Cut("研究助理", 4)).CellCount().ShouldBeLessThanOrEqualTo(4);
    }
}
