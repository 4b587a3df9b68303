using ServerlessImages.Images;

namespace ServerlessImages.Api.Images;

/// <summary>What a caller says about money, keeping and form, beside what is drawn.</summary>
/// <param name="Store">True keeps the images until they are deleted, false until the answer is written; null is the rule, 72 hours.</param>
internal sealed record OrderTerms(Money? MaxPrice, string? QuoteId, bool? Store, bool AsUrls, IReadOnlyDictionary<string, string> Tags, string? EndUser)
{
    public Result<ImageOrder> For(ImageRequest request)
    {
        if (AsUrls && Store == false) return ApiError.InvalidValue("store", "another than false with 'response_format': 'url', whose address would lead nowhere");
        if (AsUrls && request.Stream) return ApiError.InvalidValue("response_format", "'b64_json' when streaming");

        return new ImageOrder(request)
        {
            MaxPrice = MaxPrice,
            QuoteId = QuoteId,
            AsUrls = AsUrls,
            Tags = Tags,
            EndUser = EndUser,
            Retention = Store switch
            {
                true => Retention.Kept,
                false => Retention.Dropped,
                null => Retention.Default,
            },
        };
    }
}
