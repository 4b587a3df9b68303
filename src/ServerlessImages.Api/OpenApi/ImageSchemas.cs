using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using ServerlessImages.Images;

namespace ServerlessImages.Api.OpenApi;

/// <summary>The body of a generation. A test holds its fields to those that <see cref="Images.ImageOrderReader"/> reads.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal record GenerationBody
{
    [Description("The id or an alias of one of GET /v1/models. Not needed where the path names the model.")]
    public required string Model { get; init; }

    [Description("What to draw."), MinLength(1), MaxLength(ImageRequest.PromptCharactersMax)]
    public required string Prompt { get; init; }

    [Description("How many images."), Range(1, ImageRequest.CountMax), DefaultValue(1)]
    public int? N { get; init; }

    [Description("auto, 1024x1024, 1536x1024, 1024x1536 or, by the rule any_size of the model, any WIDTHxHEIGHT."), DefaultValue("auto")]
    public string? Size { get; init; }

    [Description("Instead of size: a shape such as 16:9.")]
    public string? AspectRatio { get; init; }

    [Description("With aspect_ratio: how many pixels in all."), Words("1K", "2K", "4K"), DefaultValue("1K")]
    public string? Resolution { get; init; }

    [Description("Not every model has every quality. auto is quoted as high."), Words<ImageQuality>, DefaultValue("auto")]
    public string? Quality { get; init; }

    [Description("transparent not with jpeg."), Words<ImageBackground>, DefaultValue("auto")]
    public string? Background { get; init; }

    [Description("Not every model has every format."), Words<ImageFormat>, DefaultValue("png")]
    public string? OutputFormat { get; init; }

    [Description("For jpeg and webp; with png only 100."), Range(0, 100), DefaultValue(100)]
    public int? OutputCompression { get; init; }

    [Description("How strict the content filter is."), Words<ModerationLevel>, DefaultValue("auto")]
    public string? Moderation { get; init; }

    [Description("Answer with server-sent events; only with n = 1."), DefaultValue(false)]
    public bool? Stream { get; init; }

    [Description("Only with stream; each costs 100 output tokens, and fewer may come."), Range(0, ImageRequest.PartialImagesMax), DefaultValue(0)]
    public int? PartialImages { get; init; }

    [Description("url answers with signed addresses, good for an hour, in the place of bytes; not when streaming."), Words("b64_json", "url"), DefaultValue("b64_json")]
    public string? ResponseFormat { get; init; }

    [Description("Refuses the request where its quote is higher: a decimal string of dollars with at most six places.")]
    public string? MaxPriceUsd { get; init; }

    [Description("A quote of POST /v1/quotes for this very request: its price is kept for 15 minutes."), MaxLength(1_024)]
    public string? QuoteId { get; init; }

    [Description("true keeps the images until they are deleted, false until the answer is written; otherwise they are kept for 72 hours.")]
    public bool? Store { get; init; }

    [Description("Your own words for reports: at most 10, names and values of 1 to 64 characters.")]
    public Dictionary<string, string>? Tags { get; init; }

    [Description("Your own customer, recorded with the charge; goes upstream only as a keyed hash."), MaxLength(256)]
    public string? EndUser { get; init; }

    [Description("The same as end_user, which wins."), MaxLength(256)]
    public string? SafetyIdentifier { get; init; }

    [Description("The same as end_user and safety_identifier, which win."), MaxLength(256)]
    public string? User { get; init; }
}

/// <summary>The JSON body of an edit.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record EditBody : GenerationBody
{
    [Description("The images to edit."), MinLength(1), MaxLength(ImageRequest.InputsMax)]
    public required IReadOnlyList<ImageUrlBody> Images { get; init; }

    [Description("Where its alpha is 0, the first image is edited. Of the same size as that one.")]
    public ImageUrlBody? Mask { get; init; }

    [Description("A transparent drawing over the first image, where the model takes one. Not together with a mask.")]
    public ImageUrlBody? Markup { get; init; }

    [Description("How closely to keep to the images, where the model has the choice."), Words<InputFidelity>]
    public string? InputFidelity { get; init; }
}

[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record ImageUrlBody
{
    [Description("A public https address, or a data URL in base64. PNG, JPEG or WebP.")]
    public required string ImageUrl { get; init; }
}

/// <summary>The multipart form of an edit. A map such as tags is a part tags[name] for each of its entries.</summary>
internal sealed record EditForm : GenerationBody
{
    [Description("The images to edit, 1 to 16 parts: image, image[] or image[0] and so on. PNG, JPEG or WebP."), FilePart]
    public required IReadOnlyList<string> Image { get; init; }

    [Description("Where its alpha is 0, the first image is edited. Of the same size as that one."), FilePart]
    public string? Mask { get; init; }

    [Description("A transparent drawing over the first image, where the model takes one. Not together with a mask."), FilePart]
    public string? Markup { get; init; }

    [Description("How closely to keep to the images, where the model has the choice."), Words<InputFidelity>]
    public string? InputFidelity { get; init; }
}

internal sealed record ImagesAnswer
{
    [Description("The request's id, for GET /v1/requests/{id}.")]
    public required string Id { get; init; }

    [Description("Unix seconds.")]
    public required long Created { get; init; }

    [Words<ImageBackground>]
    public required string Background { get; init; }

    [Words<ImageFormat>]
    public required string OutputFormat { get; init; }

    [Description("As drawn, where the model says so."), Words<ImageQuality>]
    public required string Quality { get; init; }

    public required string Size { get; init; }

    [Description("The images that are whole and as ordered. There may be fewer than n; only these are charged.")]
    public required IReadOnlyList<ImageAnswerItem> Data { get; init; }

    [Description("Absent if the model did not count.")]
    public UsageAnswer? Usage { get; init; }

    public required CostAnswer Cost { get; init; }

    [Description("False for test keys.")]
    public required bool Livemode { get; init; }
}

internal sealed record ImageAnswerItem
{
    [Description("The image, in base64.")]
    public string? B64Json { get; init; }

    [Description("With response_format url: where the image is, for an hour.")]
    public string? Url { get; init; }
}

internal sealed record UsageAnswer
{
    public required long InputTokens { get; init; }
    public required TokenDetails InputTokensDetails { get; init; }
    public required long OutputTokens { get; init; }
    public required TokenDetails OutputTokensDetails { get; init; }
    public required long TotalTokens { get; init; }
}

internal sealed record TokenDetails
{
    public required long TextTokens { get; init; }
    public required long ImageTokens { get; init; }
}

internal sealed record CostAnswer
{
    [Description("The charge: dollars with six places.")]
    public required string AmountUsd { get; init; }

    [Description("The most that it could have cost; the charge is never higher.")]
    public required string QuoteUsd { get; init; }

    [Words("usd")]
    public required string Currency { get; init; }

    public required string PriceVersion { get; init; }

    [Description("How many images the charge is for.")]
    public required int Images { get; init; }

    [Description("How many images were asked for.")]
    public required int ImagesRequested { get; init; }
}

internal sealed record PartialImageEvent
{
    [Words("image_generation.partial_image", "image_edit.partial_image")]
    public required string Type { get; init; }

    public required string B64Json { get; init; }

    [Description("From 0 on.")]
    public required int PartialImageIndex { get; init; }

    public required long CreatedAt { get; init; }
    public required string Background { get; init; }
    public required string OutputFormat { get; init; }
    public required string Quality { get; init; }
    public required string Size { get; init; }
}

internal sealed record CompletedEvent
{
    [Words("image_generation.completed", "image_edit.completed")]
    public required string Type { get; init; }

    public required string B64Json { get; init; }
    public required long CreatedAt { get; init; }
    public required string Background { get; init; }
    public required string OutputFormat { get; init; }
    public required string Quality { get; init; }
    public required string Size { get; init; }
    public UsageAnswer? Usage { get; init; }
    public required string Id { get; init; }
    public required CostAnswer Cost { get; init; }

    [Description("Our own share of the time, in milliseconds.")]
    public required long OverheadMs { get; init; }

    public required bool Livemode { get; init; }
}

internal sealed record ErrorEvent
{
    [Words("error")]
    public required string Type { get; init; }

    public required ErrorBody Error { get; init; }
    public required string RequestId { get; init; }
    public required string DocUrl { get; init; }
}
