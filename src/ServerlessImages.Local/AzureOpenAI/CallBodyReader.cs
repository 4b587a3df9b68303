using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;

namespace ServerlessImages.Local.AzureOpenAI;

/// <summary>Reads a JSON object or a multipart form, whichever it is.</summary>
internal static class CallBodyReader
{
    private const int FormBytesMax = 128 * 1024 * 1024;

    /// <summary>Files stay in memory: nothing is written to disk and left there.</summary>
    private static readonly FormOptions FormLimits = new() { MultipartBodyLengthLimit = FormBytesMax, MemoryBufferThreshold = FormBytesMax };

    public static async Task<(CallBody Body, UpstreamError? Error)> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return (request.HasFormContentType ? await ReadFormAsync(request, cancellationToken) : await ReadJsonAsync(request, cancellationToken), null);
        }
        catch (JsonException)
        {
            return (CallBody.Empty, UpstreamError.NotJson);
        }
        catch (FormatException)
        {
            return (CallBody.Empty, UpstreamError.InvalidImage("images"));
        }
        catch (Exception fault) when (fault is InvalidDataException || (fault is IOException && !cancellationToken.IsCancellationRequested))
        {
            return (CallBody.Empty, UpstreamError.NotAForm);
        }
    }

    private static async Task<CallBody> ReadFormAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var form = await new FormFeature(request, FormLimits).ReadFormAsync(cancellationToken);
        var fields = form.ToDictionary(field => field.Key, field => JsonSerializer.SerializeToElement(field.Value.ToString()));
        var files = new List<CallFile>();
        foreach (var file in form.Files)
        {
            using var bytes = new MemoryStream((int)file.Length);
            await file.CopyToAsync(bytes, cancellationToken);
            files.Add(new(file.Name, bytes.ToArray()));
        }

        return new(fields, files, IsForm: true);
    }

    private static async Task<CallBody> ReadJsonAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        using var document = await JsonDocument.ParseAsync(request.Body, cancellationToken: cancellationToken);
        if (document.RootElement.ValueKind != JsonValueKind.Object) throw new JsonException("The body is no object.");
        var fields = new Dictionary<string, JsonElement>();
        var files = new List<CallFile>();
        foreach (var property in document.RootElement.EnumerateObject())
        {
            if (property is { Name: "images", Value.ValueKind: JsonValueKind.Array }) files.AddRange(property.Value.EnumerateArray().Select(image => DataUrl.Read("images", image)));
            else if (property is { Name: CallFile.Mask, Value.ValueKind: JsonValueKind.Object }) files.Add(DataUrl.Read(CallFile.Mask, property.Value));
            else fields[property.Name] = property.Value.Clone();
        }

        return new(fields, files, IsForm: false);
    }
}
