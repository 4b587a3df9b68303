using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using ServerlessImages.Images;

namespace ServerlessImages.AzureOpenAI;

/// <summary>The form of one edit: fields under the same rules as <see cref="GenerationBody"/>, then the images. Names are quoted, as browsers and OpenAI's own clients do.</summary>
internal static class EditBody
{
    /// <returns>With a stream open on each image, until it is disposed.</returns>
    public static MultipartFormDataContent Write(ImageCall call, AzureOpenAIDeploymentOptions deployment, UpstreamMode mode)
    {
        // .NET would quote it, which not every server takes.
        var boundary = Guid.NewGuid().ToString("N");
        var form = new MultipartFormDataContent(boundary);
        form.Headers.ContentType = new MediaTypeHeaderValue("multipart/form-data") { Parameters = { new NameValueHeaderValue("boundary", boundary) } };
        foreach (var (name, value) in Fields(call, deployment, mode)) Add(form, name, value);
        foreach (var (index, input) in call.Request.Inputs.Index()) Add(form, "image[]", string.Create(CultureInfo.InvariantCulture, $"image-{index}"), input);
        if (call.Request.Mask is { } mask) Add(form, "mask", "mask", mask);
        if (call.Request.Markup is { } markup) Add(form, "markup", "markup", markup);
        return form;
    }

    private static IEnumerable<(string Name, string Value)> Fields(ImageCall call, AzureOpenAIDeploymentOptions deployment, UpstreamMode mode)
    {
        var request = call.Request;
        if (deployment.Route == AzureOpenAIRoute.V1) yield return ("model", deployment.Deployment);
        yield return ("prompt", request.Prompt);
        if (request.Count > 1) yield return ("n", Number(request.Count));
        if (request.Size is { } size) yield return ("size", size.ToString());
        if (request.Quality != ImageQuality.Auto) yield return ("quality", request.Quality.ToWire());
        if (request.Background != ImageBackground.Auto) yield return ("background", request.Background.ToWire());
        if (request.Format != ImageFormat.Png) yield return ("output_format", request.Format.ToWire());
        if (request.Compression is { } compression) yield return ("output_compression", Number(compression));
        if (request.InputFidelity is { } fidelity) yield return ("input_fidelity", fidelity.ToWire());
        if (mode.Stream) yield return ("stream", "true");
        if (mode.PartialImages > 0) yield return ("partial_images", Number(mode.PartialImages));
        if (deployment.SendSafetyIdentifier && call.SafetyIdentifier is { } identifier) yield return ("safety_identifier", identifier);
    }

    private static void Add(MultipartFormDataContent form, string name, string value)
    {
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(value));
        content.Headers.ContentDisposition = new ContentDispositionHeaderValue("form-data") { Name = Quoted(name) };
        form.Add(content);
    }

    private static void Add(MultipartFormDataContent form, string name, string file, InputImage image)
    {
        var format = image.Header.Format.ToWire();
        var content = new StreamContent(image.Open());
        content.Headers.ContentDisposition = new ContentDispositionHeaderValue("form-data") { Name = Quoted(name), FileName = Quoted($"{file}.{format}") };
        content.Headers.ContentType = new MediaTypeHeaderValue($"image/{format}");
        form.Add(content);
    }

    private static string Quoted(string word) => $"\"{word}\"";

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
