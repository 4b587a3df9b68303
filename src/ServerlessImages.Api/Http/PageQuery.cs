using System.Globalization;

namespace ServerlessImages.Api.Http;

/// <summary>Which page of a list: <c>limit</c> (1 to 100, default 20) and <c>after</c> (the last id of the page before).</summary>
internal sealed record PageQuery(int Limit, string? After)
{
    private const int LimitDefault = 20;
    private const int LimitMax = 100;

    public static Result<PageQuery> Read(HttpRequest request)
    {
        var after = request.Query["after"].ToString();
        var text = request.Query["limit"].ToString();
        var limit = LimitDefault;
        var isNumber = text.Length == 0 || int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out limit);
        return isNumber && limit is >= 1 and <= LimitMax ? new PageQuery(limit, after.Length == 0 ? null : after) : ApiError.InvalidValue("limit", $"a whole number from 1 to {LimitMax}");
    }
}
