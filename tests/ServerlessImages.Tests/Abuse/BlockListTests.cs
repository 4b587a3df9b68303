using System.Text.Json;
using ServerlessImages.Abuse;

namespace ServerlessImages.Tests.Abuse;

/// <summary>Which prompts an operator's phrase refuses, in words that can be explained to whoever was refused.</summary>
public sealed class BlockListTests
{
    private readonly BlockList list = BlockList.Parse("""{"version":"7","entries":[{"category":"brands","phrases":["Red Fox","café Müller"]}]}""");

    [Theory]
    [InlineData("a red fox in the snow")]
    [InlineData("RED   FOX")]
    [InlineData("red-fox, running")]
    [InlineData("red\nfox")]
    [InlineData("ｒｅｄ ｆｏｘ")]
    [InlineData("re\u200Bd fox")]
    [InlineData("rêd föx")]
    [InlineData("at CAFE MULLER")]
    [InlineData("at cafe\u0301 mu\u0308ller")]
    public void Case_accents_signs_and_invisible_characters_do_not_count(string prompt)
    {
        var refused = list.Refusal(prompt)!;

        Assert.Equal(("moderation_blocked", ApiErrorKind.Content, "input", "7"), (refused.Code, refused.Kind, refused.Moderation!.Stage, refused.Details["list_version"]));
        Assert.Equal(["brands"], refused.Moderation.Categories);
        Assert.DoesNotContain("fox", refused.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("a bored foxhound")]
    [InlineData("fox, red")]
    [InlineData("a reddish fox")]
    [InlineData("red")]
    public void Only_whole_words_in_their_order_do(string prompt)
    {
        Assert.Null(list.Refusal(prompt));
    }

    [Fact]
    public void The_shipped_list_is_read()
    {
        Assert.Null(BlockList.Parse(BlockList.ShippedJson).Refusal("a red fox"));
    }

    [Theory]
    [InlineData("""{"version":"","entries":[]}""")]
    [InlineData("""{"version":"1","entries":[{"category":"x","phrases":["!?"]}]}""")]
    [InlineData("""{"version":"1","entries":[{"category":"","phrases":["fox"]}]}""")]
    public void A_list_that_would_refuse_everything_or_says_nothing_stops_the_start(string json)
    {
        Assert.Throws<JsonException>(() => BlockList.Parse(json));
    }
}
