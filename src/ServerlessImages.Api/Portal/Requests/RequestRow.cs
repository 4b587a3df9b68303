using ServerlessImages.Images;

namespace ServerlessImages.Api.Portal.Requests;

/// <summary>A request in a table.</summary>
/// <param name="At">When it ended; of one that runs, when it began.</param>
/// <param name="Quality">As asked.</param>
/// <param name="Charge">Null while it runs.</param>
/// <param name="ErrorCode">Or "".</param>
public sealed record RequestRow(string Id, DateTimeOffset At, string Model, string Size, string Quality, int Images, string KeyId, string KeyName, RequestState State, Money? Charge, string ErrorCode, ShownImage? Image, string Href)
{
    /// <summary>Its end, which tells it apart: ids begin with the time.</summary>
    public static string Short(string id) => $"req_…{id[^8..]}";
}

/// <param name="Href">Good for an hour.</param>
/// <param name="FileName">For whoever keeps it.</param>
/// <param name="LengthBytes">Of the file.</param>
public sealed record ShownImage(string Href, ImageSize Size, string Alt, string FileName, long LengthBytes);
