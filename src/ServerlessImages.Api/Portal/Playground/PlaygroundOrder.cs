using ServerlessImages.Api.Images;
using ServerlessImages.Api.Pages;
using ServerlessImages.Images;

namespace ServerlessImages.Api.Portal.Playground;

/// <summary>The playground's form, as it is sent where no script runs.</summary>
/// <param name="Once">Made with the page: sent again with the same one, it is the same request.</param>
internal sealed record PlaygroundOrder(string Key, string Once, bool QuoteOnly, ImageOrder Order)
{
    public const string FirstPrompt = "A red fox checks its bill by candlelight";
    private const int WordCharactersMax = 64;

    public static FormState Fresh(string key, string model) =>
        FormState.With(("key", key), ("prompt", FirstPrompt), ("model", model), ("size", "1024x1024"), ("quality", "low"), ("output_format", "png"), ("n", "1"), ("partial_images", "1"));

    public static Result<PlaygroundOrder> Read(PageFields fields, ImageOrderReader reader)
    {
        var (key, once, act) = (fields.Text("key", WordCharactersMax), fields.Text("once", WordCharactersMax), fields.OneOf("act", "draw", "quote"));
        if (!reader.Read(fields, isEdit: false).TryGet(out var wanted, out var error)) return error;
        if (key is null) return ApiError.MissingParameter("key");
        if (once is null) return ApiError.MissingParameter("once");
        return wanted.With(files: null).TryGet(out var order, out error) ? new PlaygroundOrder(key, once, act == "quote", order with { IdempotencyKey = once }) : error;
    }
}
