namespace ServerlessImages.Api.Pages.Parts;

/// <summary>How something stands. Never said by colour alone: the text says it too.</summary>
public enum Tone
{
    Plain,
    Good,
    Attention,
    Bad,
}

internal static class ToneExtensions
{
    public static string ToClass(this Tone tone) => tone switch
    {
        Tone.Good => "good",
        Tone.Attention => "attention",
        Tone.Bad => "bad",
        _ => "plain",
    };
}
