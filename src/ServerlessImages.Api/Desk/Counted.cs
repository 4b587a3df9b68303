using System.Globalization;

namespace ServerlessImages.Api.Desk;

/// <summary>Numbers of things, in words.</summary>
internal static class Counted
{
    /// <param name="thing">One of them; more have an s.</param>
    public static string Of(long count, string thing) => string.Create(CultureInfo.InvariantCulture, $"{count:N0} {thing}{(count == 1 ? "" : "s")}");
}
