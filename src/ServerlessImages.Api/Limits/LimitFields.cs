using ServerlessImages.Api.Http;
using ServerlessImages.Api.Keys;
using ServerlessImages.Ledger;

namespace ServerlessImages.Api.Limits;

/// <summary>Limits as they are asked for, in a body or in a form. What is not named has none.</summary>
internal static class LimitFields
{
    public static BudgetLimits Limits(this RequestFields fields) =>
        new(fields.Dollars("total_usd"), fields.Dollars("day_usd"), fields.Dollars("month_usd"), fields.Integer("requests_per_minute", 1, KeyBodies.RequestsPerMinuteMax));
}
