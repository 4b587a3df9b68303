using System.ComponentModel;

namespace ServerlessImages.Api.OpenApi;

internal sealed record ModelListAnswer
{
    [Words("list")]
    public required string Object { get; init; }

    public required IReadOnlyList<ModelAnswerBody> Data { get; init; }
    public required bool HasMore { get; init; }
    public required string? NextCursor { get; init; }
}

internal sealed record ModelAnswerBody
{
    public required string Id { get; init; }

    [Words("model")]
    public required string Object { get; init; }

    [Description("Unix seconds of its day of publication.")]
    public required long Created { get; init; }

    public required string OwnedBy { get; init; }

    [Description("Other ids that are taken for it.")]
    public required IReadOnlyList<string> Aliases { get; init; }

    [Description("Unix seconds, or null: when it is no longer served. Image answers say so from 90 days before, in Deprecation and Sunset.")]
    public required long? ShutdownDate { get; init; }

    public required CapabilitiesAnswer Capabilities { get; init; }
    public required PricesAnswer Prices { get; init; }

    [Description("How long one image takes, by quality, as measured.")]
    public required Dictionary<string, double> ExpectedSeconds { get; init; }
}

internal sealed record CapabilitiesAnswer
{
    public required IReadOnlyList<string> Sizes { get; init; }

    [Description("The rule for any other size, or null.")]
    public required SizeRuleAnswer? AnySize { get; init; }

    public required IReadOnlyList<string> Qualities { get; init; }
    public required IReadOnlyList<string> OutputFormats { get; init; }
    public required IReadOnlyList<string> Backgrounds { get; init; }

    [Description("What input_fidelity of an edit may be; empty where the model has no such choice.")]
    public required IReadOnlyList<string> InputFidelities { get; init; }

    [Description("Whether an edit may bring a markup.")]
    public required bool TakesMarkup { get; init; }

    public required int InputImagesMax { get; init; }
    public required int NMax { get; init; }
    public required bool Streaming { get; init; }
    public required int PartialImagesMax { get; init; }
}

internal sealed record SizeRuleAnswer
{
    [Description("Both edges are multiples of it.")]
    public required int MultipleOf { get; init; }

    [Description("The long edge is at most this many times the short one.")]
    public required int RatioMax { get; init; }

    public required int EdgeMax { get; init; }
    public required long PixelsMin { get; init; }
    public required long PixelsMax { get; init; }
}

internal sealed record PricesAnswer
{
    public required string PriceVersion { get; init; }

    [Words("usd")]
    public required string Currency { get; init; }

    [Description("At the account's plan; null where the model is sold at a flat price per image.")]
    public required TokenPricesAnswer? PerMillionTokensUsd { get; init; }

    [Description("The most that the output of one image costs, by size and quality. The prompt and input images come on top: POST /v1/quotes has it all.")]
    public required Dictionary<string, Dictionary<string, string>> PerImageUsd { get; init; }
}

internal sealed record TokenPricesAnswer
{
    public required string TextInput { get; init; }
    public required string ImageInput { get; init; }
    public required string Output { get; init; }
}

internal sealed record QuoteAnswer
{
    [Words("quote")]
    public required string Object { get; init; }

    [Description("Send it with the same request within 15 minutes, any number of times.")]
    public required string QuoteId { get; init; }

    [Description("Unix seconds.")]
    public required long ExpiresAt { get; init; }

    public required string Model { get; init; }

    [Description("The most that the request can cost: dollars with six places.")]
    public required string QuoteUsd { get; init; }

    [Words("usd")]
    public required string Currency { get; init; }

    public required string PriceVersion { get; init; }

    [Description("They add up to quote_usd.")]
    public required IReadOnlyList<QuoteLine> Lines { get; init; }

    public required double ExpectedSeconds { get; init; }

    [Description("Whether a plain call is expected to be answered 424 before its images are there: send it with Prefer: respond-async, or stream.")]
    public required bool ExceedsPlainWait { get; init; }
    public required bool Livemode { get; init; }
}

internal sealed record QuoteLine
{
    [Words("text_input_tokens", "image_input_tokens", "output_tokens", "images")]
    public required string Item { get; init; }

    [Description("The most of it that the request can take.")]
    public required long Quantity { get; init; }

    public required string AmountUsd { get; init; }
}
