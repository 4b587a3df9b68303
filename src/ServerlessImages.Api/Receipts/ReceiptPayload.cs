using System.Text.Json;
using ServerlessImages.Api.Images;
using ServerlessImages.Images;
using ServerlessImages.Ledger;
using ServerlessImages.Pricing;

namespace ServerlessImages.Api.Receipts;

/// <summary>
/// What a receipt says. Made of the entry alone, in a fixed order, so that the same receipt is the same bytes whenever it is read: only its signature has
/// randomness in it. Not in it: what concerns the operator (cost, deployment) and what the caller wrote (tags, end user).
/// </summary>
internal static class ReceiptPayload
{
    private const int Version = 1;

    public static byte[] Of(LedgerPartition partition, ChainedEntry charged, Uri publicUrl)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer)) Write(json, partition, charged, publicUrl);
        return buffer.ToArray();
    }

    private static void Write(Utf8JsonWriter json, LedgerPartition partition, ChainedEntry charged, Uri publicUrl)
    {
        var entry = charged.Entry;
        var request = entry.Request ?? throw new ArgumentException("A grant has no receipt.", nameof(charged));
        json.WriteStartObject();
        json.WriteString("iss", publicUrl.AbsoluteUri.TrimEnd('/'));
        json.WriteNumber("iat", entry.At.ToUnixTimeSeconds());
        json.WriteNumber("receipt_version", Version);
        json.WriteString("account_id", partition.Account);
        json.WriteString("request_id", entry.Id);
        json.WriteString("key_id", request.Summary.KeyId);
        json.WriteBoolean("livemode", partition.Livemode);
        WriteRequest(json, request);
        ImageAnswer.WriteUsage(json, request.Usage);
        ImageAnswer.WriteCost(json, entry.Amount, new Quote(request.Quote, request.Summary.PriceVersion), request.Images, request.Summary.Count);
        json.WriteString("rail", request.Rail.ToWire());
        json.WriteNumber("held_at", request.HeldAt.ToUnixTimeSeconds());
        json.WriteNumber("settled_at", entry.At.ToUnixTimeSeconds());
        WriteEntry(json, charged);
        json.WriteEndObject();
    }

    private static void WriteRequest(Utf8JsonWriter json, ClosedRequest request)
    {
        json.WriteString("operation", request.Summary.Operation);
        json.WriteString("model", request.Summary.Model);
        json.WriteString("size", request.Summary.Size);
        json.WriteString("quality", request.Summary.Quality);
        json.WriteString("output_format", request.Summary.Format);
        json.WriteStartArray("image_sha256");
        foreach (var hash in request.ImageHashes.Split(' ', StringSplitOptions.RemoveEmptyEntries)) json.WriteStringValue(hash);
        json.WriteEndArray();
    }

    private static void WriteEntry(Utf8JsonWriter json, ChainedEntry charged)
    {
        json.WriteStartObject("entry");
        json.WriteNumber("sequence", charged.Entry.Sequence);
        json.WriteString("previous", charged.Entry.Previous);
        json.WriteString("head", charged.Head);
        json.WriteEndObject();
    }
}
