using ServerlessImages.Drawn;

namespace ServerlessImages.Tests.Adapters.Drawn;

public sealed class TextLayoutTests
{
    private static readonly Func<string, float> CharactersWide = text => text.Length;

    [Fact]
    public void Words_go_on_as_many_lines_as_they_need() =>
        Assert.Equal(["one two", "three", "four"], TextLayout.Fit("one two three four", 8, 5, CharactersWide).Lines);

    [Fact]
    public void Words_that_do_not_fit_become_an_ellipsis()
    {
        var layout = TextLayout.Fit("one two three four", 8, 2, CharactersWide);

        Assert.Equal(["one two", "three…"], layout.Lines);
        Assert.False(layout.Whole);
    }

    [Fact]
    public void A_word_wider_than_a_line_is_cut() =>
        Assert.Equal(["abcd", "efgh", "i"], TextLayout.Fit("abcdefghi", 4, 5, CharactersWide).Lines);

    [Fact]
    public void Lines_are_made_about_equally_long() =>
        Assert.Equal(["A lighthouse", "at dusk"], TextLayout.FitEvenly("A lighthouse at dusk", 16, 2, CharactersWide).Lines);

    [Theory]
    [InlineData("The quick brown fox jumps over the lazy dog and an extraordinarilylongwordindeed")]
    [InlineData("x")]
    [InlineData("")]
    public void No_line_is_ever_wider_than_the_width(string text)
    {
        for (var width = 1; width < 30; width++)
        {
            for (var lines = 1; lines < 6; lines++)
            {
                var layout = TextLayout.FitEvenly(text, width, lines, CharactersWide);

                Assert.True(layout.Lines.Count <= lines);
                Assert.All(layout.Lines, line => Assert.InRange(line.Length, 0, width));
            }
        }
    }
}
