using System.ComponentModel;

namespace ServerlessImages.Api.OpenApi;

/// <summary>What the document says of errors. Tests hold these records to the real answers.</summary>
internal sealed record ErrorAnswer
{
    public required ErrorBody Error { get; init; }

    [Description("Also in the header x-request-id. If money was held, GET /v1/requests/{id} tells what became of the request.")]
    public required string RequestId { get; init; }

    [Description("What the code means and what to do about it.")]
    public required string DocUrl { get; init; }
}

internal sealed record ErrorBody
{
    [Description("For people; it may be reworded.")]
    public required string Message { get; init; }

    [Description("Whose matter the error is.")]
    public required string Type { get; init; }

    [Description("The field that the error is about, or null.")]
    public required string? Param { get; init; }

    [Description("For programs; it does not change.")]
    public required string Code { get; init; }

    [Description("What the money or the pace lacks, by name.")]
    public Dictionary<string, string>? Details { get; init; }

    [Description("Only with moderation_blocked.")]
    public ModerationAnswer? ModerationDetails { get; init; }
}

internal sealed record ModerationAnswer
{
    [Words("input", "output", "unknown")]
    public required string ModerationStage { get; init; }

    [Description("Such as violence.")]
    public required IReadOnlyList<string> Categories { get; init; }
}
