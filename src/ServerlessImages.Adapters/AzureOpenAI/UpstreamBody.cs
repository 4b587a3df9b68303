using System.ClientModel;
using ServerlessImages.Images;

namespace ServerlessImages.AzureOpenAI;

/// <summary>What is sent, and the operation that it is for.</summary>
internal sealed record UpstreamBody(ImageOperation Operation, BinaryContent Content, string ContentType)
{
    public static UpstreamBody For(ImageCall call, AzureOpenAIDeploymentOptions deployment, UpstreamMode mode)
    {
        if (call.Request.Operation == ImageOperation.Generation) return new(ImageOperation.Generation, BinaryContent.Create(GenerationBody.Write(call, deployment, mode)), "application/json");

        var form = EditBody.Write(call, deployment, mode);
        return new(ImageOperation.Edit, new FormContent(form), form.Headers.ContentType!.ToString());
    }
}
