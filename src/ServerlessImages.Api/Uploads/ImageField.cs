using System.Globalization;
using System.Text.RegularExpressions;

namespace ServerlessImages.Api.Uploads;

internal enum ImageRole
{
    Input,
    Mask,
    Markup,
}

/// <summary>A field that is an image.</summary>
/// <param name="Name">As the caller named it.</param>
/// <param name="Index">Its place among the inputs where the name says one; else they keep the order in which they came.</param>
internal sealed partial record ImageField(string Name, ImageRole Role, int Index = 0)
{
    /// <returns>Null for a form's part that is no image: <c>image</c>, <c>image[]</c>, <c>image[0]</c>, <c>mask</c> and <c>markup</c> are.</returns>
    public static ImageField? Of(string part) => part switch
    {
        "mask" => new(part, ImageRole.Mask),
        "markup" => new(part, ImageRole.Markup),
        "image" or "image[]" => new(part, ImageRole.Input),
        _ => NumberedInput().Match(part) is { Success: true } match ? new(part, ImageRole.Input, int.Parse(match.Groups["index"].ValueSpan, CultureInfo.InvariantCulture)) : null,
    };

    [GeneratedRegex(@"^image\[(?<index>[0-9]{1,4})\]\z", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex NumberedInput();
}
