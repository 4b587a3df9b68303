namespace ServerlessImages.Local.AzureOpenAI;

public enum ImageOperation
{
    Generation,
    Edit,
}
