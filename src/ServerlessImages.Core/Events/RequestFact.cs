using System.Text.Json;
using System.Text.Json.Nodes;
using ServerlessImages.Ledger;

namespace ServerlessImages.Events;

/// <summary>What became of a request: its ids, its cost and where the rest is to be read. Never a prompt or an image.</summary>
public static class RequestFact
{
    public static string TypeOf(LedgerEntry entry) => entry.IsCharge ? EventTypes.RequestSucceeded : EventTypes.RequestFailed;

    /// <param name="entry">What closed the request's hold. One that expired and was charged late all the same fails first and succeeds then.</param>
    public static EventFact Of(LedgerEntry entry) => new(TypeOf(entry), JsonSerializer.SerializeToElement(DataOf(entry)));

    /// <summary>The same words for a request and for a job.</summary>
    internal static JsonObject DataOf(LedgerEntry entry)
    {
        var closed = entry.Request!;
        return JsonSerializer.SerializeToNode(new
        {
            request_id = entry.Id,
            operation = closed.Summary.Operation,
            model = closed.Summary.Model,
            key_id = closed.Summary.KeyId,
            end_user = closed.Summary.EndUser.Length == 0 ? null : closed.Summary.EndUser,
            tags = JsonSerializer.Deserialize<JsonElement>(closed.Summary.Tags),
            images = closed.Images,
            cost = new { amount_usd = entry.Amount.ToString(), currency = "usd" },
            error_code = entry.IsCharge ? null : ErrorCode(entry),
            request_path = "/v1/requests/" + entry.Id,
            receipt_path = entry.IsCharge ? "/v1/receipts/" + entry.Id : null,
        })!.AsObject();
    }

    private static string ErrorCode(LedgerEntry entry) => entry.Request!.ErrorCode is { Length: > 0 } code ? code : ApiError.HoldExpired.Code;
}
