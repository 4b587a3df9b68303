using ServerlessImages.Api.Http;
using ServerlessImages.Keys;

namespace ServerlessImages.Api.Images;

/// <summary>Binding quotes: the body of a generation or an edit, answered with the most that it can cost.</summary>
internal static class QuotesApi
{
    public static void MapQuotes(this WebApplication app)
    {
        foreach (var prefix in ApiPrefix.Plain) app.MapPost(prefix + "/quotes", QuoteAsync).RequireScope(Scope.ImagesGenerate, Scope.ImagesEdit);
    }

    private static Task QuoteAsync(HttpContext http, QuoteAnswer answer) => answer.WriteAsync(http, OrderBody.Either);
}
