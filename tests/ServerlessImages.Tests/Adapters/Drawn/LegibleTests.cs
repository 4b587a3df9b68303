using ServerlessImages.Drawn;

namespace ServerlessImages.Tests.Adapters.Drawn;

public sealed class LegibleTests
{
    [Theory]
    [InlineData("Ein Café in Łódź, Ωμέγα, Москва — “quoted”", "Ein Café in Łódź, Ωμέγα, Москва — “quoted”")]
    [InlineData("  two\r\n\tlines ", "two lines")]
    [InlineData("a cat 🐈 asleep", "a cat asleep")]
    [InlineData("猫が窓辺で眠る at night", "… at night")]
    [InlineData("🎉", "Untitled")]
    [InlineData("猫", "Untitled")]
    public void What_the_font_lacks_is_left_out_or_becomes_an_ellipsis(string prompt, string legible) => Assert.Equal(legible, Legible.Text(prompt));
}
